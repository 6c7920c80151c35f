// The tenant limiter: at most four fifths of the pool, and priority for users with few requests.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ActorKey, createTenantLimiter } from './tenant-limiter.ts'

const admin: ActorKey = { agency_id: 'north', id: 'admin' }
const manager: ActorKey = { agency_id: 'north', id: 'manager' }
const outsider: ActorKey = { agency_id: 'south', id: 'outsider' }
const settled = () => new Promise(setImmediate)

/** Work that runs until `endOne`. `begun` has the user ids of started work in order. */
function createFixture(pool_size: number, isQueueTooLong = () => false) {
  const tenantLimiter = createTenantLimiter({ pool_size, isQueueTooLong, refuse: () => new Error('full') })
  const begun: string[] = []
  const running: (() => void)[] = []
  const start = (user: ActorKey, times = 1, is_read = false) =>
    Array.from({ length: times }, () =>
      tenantLimiter.run(user, { is_read }, () => {
        begun.push(String(user.id))
        return new Promise<void>((resolve) => running.push(resolve))
      }),
    )
  const endOne = async () => {
    running.shift()?.()
    await settled()
  }
  const endAll = async (all: readonly Promise<void>[]) => {
    await settled()
    while (running.length > 0) await endOne()
    await Promise.all(all)
  }
  return { tenantLimiter, begun, running, start, endOne, endAll }
}

for (const [pool_size, most] of [
  [5, 4],
  [10, 8],
  [20, 16],
  [2, 30],
] as const) {
  test(`of ${pool_size} connections an agency uses at most ${most}; another agency gets the next`, async () => {
    const { begun, start, endAll } = createFixture(pool_size)
    const all = start(admin, 30)
    await settled()
    assert.equal(begun.length, most)
    all.push(...start(outsider))
    await settled()
    assert.equal(begun.at(-1), 'outsider')
    await endAll(all)
  })
}

for (const [pool_size, most] of [
  [5, 1],
  [9, 1],
  [10, 2],
  [17, 3],
  [20, 4],
  [64, 12],
  [2, 30],
] as const) {
  test(`of ${pool_size} connections reads use at most ${most} while another agency is active`, async () => {
    const { begun, start, endAll } = createFixture(pool_size)
    const other = start(outsider)
    const all = start(admin, 30, true)
    await settled()
    assert.equal(begun.filter((user) => user === 'admin').length, most)
    await endAll([...other, ...all])
    // Everything is released: the whole share is free again for changes.
    begun.length = 0
    const changes = start(admin, 60)
    await settled()
    assert.equal(begun.length, pool_size < 5 ? 60 : Math.floor(pool_size * 0.8))
    await endAll(changes)
  })
}

test('an agency whose last neighbour was active two seconds ago uses four fifths for reads again', async (t) => {
  t.mock.method(performance, 'now', () => now)
  let now = 0
  const { begun, start, endAll } = createFixture(10)
  await endAll(start(outsider))
  for (const [at, most] of [
    [900, 2],
    [1100, 2],
    [2200, 8],
  ] as const) {
    now = at
    begun.length = 0
    const all = start(admin, 30, true)
    await settled()
    assert.equal(begun.length, most, `after ${at} ms`)
    now = at
    await endAll(all)
  }
})

test('a user with few requests starts before the waiting requests of one with many', async () => {
  const { begun, start, endOne, endAll } = createFixture(10)
  const all = start(admin, 150)
  all.push(...start(manager))
  await settled()
  assert.equal(begun.length, 8)
  await endOne()
  assert.equal(begun.at(-1), 'manager')
  await endAll(all)
})

test('a queue that is full of requests of one user accepts those of another user', async () => {
  const { tenantLimiter, start, endAll } = createFixture(10, () => true)
  const all = start(admin, 207)
  await settled()
  assert.equal(tenantLimiter.waiting(), 199)
  all.push(...start(admin))
  await assert.rejects(
    tenantLimiter.run(admin, { is_read: false }, async () => {}),
    { message: 'full' },
  )
  all.push(...start(manager))
  await settled()
  assert.equal(tenantLimiter.waiting(), 201)
  await endAll(all)
})

test('ended requests do not count against their user, whether they succeeded or failed', async () => {
  const { tenantLimiter, begun, start, endOne, endAll } = createFixture(10)
  await endAll(start(admin, 20))
  await assert.rejects(
    tenantLimiter.run(admin, { is_read: false }, () => Promise.reject(new Error('failed'))),
    { message: 'failed' },
  )
  const all = start(manager, 20)
  all.push(...start(admin))
  await settled()
  await endOne()
  assert.equal(begun.at(-1), 'admin')
  await endAll(all)
})
