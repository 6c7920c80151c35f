// The share of an agency: no more than four fifths of the pool, and nobody waits behind all the requests of one colleague.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTenantLimiter, type Person } from './tenant-limiter.ts'

const admin: Person = { agency_id: 'north', user_id: 'admin' }
const manager: Person = { agency_id: 'north', user_id: 'manager' }
const outsider: Person = { agency_id: 'south', user_id: 'outsider' }
const settled = () => new Promise(setImmediate)

/** Work that ends when it is told to; `begun` has whose began, in order. */
function worksOn(pool_size: number, isTooLong = () => false) {
  const tenantLimiter = createTenantLimiter({ pool_size, isTooLong, refuse: () => new Error('full') })
  const begun: string[] = []
  const running: (() => void)[] = []
  const start = (person: Person, times = 1) =>
    Array.from({ length: times }, () =>
      tenantLimiter.run(person, {}, () => {
        begun.push(String(person.user_id))
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
  test(`of ${pool_size} connections an agency uses at most ${most}, and another agency the next one`, async () => {
    const { begun, start, endAll } = worksOn(pool_size)
    const all = start(admin, 30)
    await settled()
    assert.equal(begun.length, most)
    all.push(...start(outsider))
    await settled()
    assert.equal(begun.at(-1), 'outsider')
    await endAll(all)
  })
}

test('a colleague is next, however many requests of one person wait', async () => {
  const { begun, start, endOne, endAll } = worksOn(10)
  const all = start(admin, 150)
  all.push(...start(manager))
  await settled()
  assert.equal(begun.length, 8)
  await endOne()
  assert.equal(begun.at(-1), 'manager')
  await endAll(all)
})

test('a colleague is let in although the queue is full of the requests of one person', async () => {
  const { tenantLimiter, start, endAll } = worksOn(10, () => true)
  const all = start(admin, 207)
  await settled()
  assert.equal(tenantLimiter.waiting(), 199)
  all.push(...start(admin))
  await assert.rejects(
    tenantLimiter.run(admin, {}, async () => {}),
    { message: 'full' },
  )
  all.push(...start(manager))
  await settled()
  assert.equal(tenantLimiter.waiting(), 201)
  await endAll(all)
})

test('a person is one with few requests again as soon as they have ended, in whatever way', async () => {
  const { tenantLimiter, begun, start, endOne, endAll } = worksOn(10)
  await endAll(start(admin, 20))
  await assert.rejects(
    tenantLimiter.run(admin, {}, () => Promise.reject(new Error('failed'))),
    { message: 'failed' },
  )
  const all = start(manager, 20)
  all.push(...start(admin))
  await settled()
  await endOne()
  assert.equal(begun.at(-1), 'admin')
  await endAll(all)
})
