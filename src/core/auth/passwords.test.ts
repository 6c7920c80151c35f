// Password hashing: the stored form, equal work for unknown users, the queue.
import assert from 'node:assert/strict'
import { createHook } from 'node:async_hooks'
import { test } from 'node:test'
import { hash } from '@node-rs/argon2'
import { hashPassword, matchPasswords, verifyPassword } from './passwords.ts'

const stored: Record<string, [string, string]> = {
  'of the reference implementation (argon2id, 64 MiB)': [
    'password',
    '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
  ],
  'of the current parameters': [
    'roost-demo',
    '$argon2id$v=19$m=19456,t=2,p=1$SPpt6NjPZBRWyzB33FAx3g$F2M5RGtvXmowBaDx7NmmL/aaCgI1eV6Tib4RX2cqXI4',
  ],
}
for (const [name, [password, phc]] of Object.entries(stored)) {
  test(`a stored hash verifies: ${name}`, async () => {
    assert.equal(await verifyPassword(phc, password), true)
    assert.equal(await verifyPassword(phc, `${password} `), false)
    assert.equal(await verifyPassword(phc, ''), false)
  })
}

test('a hash is argon2id with 19 MiB, two passes, one lane and a salt of its own', async () => {
  const [first, second] = [await hashPassword('roost-demo'), await hashPassword('roost-demo')]
  assert.match(first, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/)
  assert.notEqual(first, second)
  assert.equal(await verifyPassword(first, 'roost-demo'), true)
  assert.equal(await verifyPassword(second, 'roost-demo'), true)
  assert.equal(await verifyPassword(first, 'Roost-demo'), false)
})

test('composed and decomposed Unicode forms are the same password', async () => {
  const [composed, decomposed] = ['caf\u00e9 am See', 'cafe\u0301 am See']
  assert.equal(await verifyPassword(await hashPassword(composed), decomposed), true)
  assert.equal(await verifyPassword(await hashPassword(decomposed), composed), true)
})

test('a stored value that is not a hash rejects instead of returning false', async () => {
  for (const broken of ['', 'roost-demo', '$2b$10$abcdefghijklmnopqrstuv', '$argon2id$v=19$m=19456,t=2,p=1$AAAA']) {
    await assert.rejects(verifyPassword(broken, 'roost-demo'))
  }
})

/** Runs `work`; returns the types of the native jobs it starts and the largest number open at once. */
async function countJobs(work: () => Promise<unknown>): Promise<{ types: string[]; peak: number }> {
  const types: string[] = []
  const open = new Set<number>()
  let peak = 0
  const hook = createHook({
    init(id, type) {
      // The queue uses a timer for its longest wait.
      if (type === 'PROMISE' || type === 'Timeout') return
      types.push(type)
      peak = Math.max(peak, open.add(id).size)
    },
    before: (id) => open.delete(id),
  }).enable()
  await work().finally(() => hook.disable())
  return { types, peak }
}

test('an unknown user costs one argon2 computation, as a known one does', async () => {
  const phc = await hashPassword('correct horse battery')
  const one = await countJobs(() => hash('anything'))
  assert.equal(one.types.length, 1, 'argon2 shows as one native job')
  assert.deepEqual((await countJobs(() => verifyPassword(phc, 'wrong'))).types, one.types)
  assert.deepEqual((await countJobs(() => verifyPassword(undefined, 'wrong'))).types, one.types)
})

test('an address with none, one or several accounts costs one argon2 computation', async () => {
  const [right, other, fresh] = ['correct horse battery', 'four words are enough', 'a wholly new password']
  const first = await hashPassword(right)
  const hashes = [first, await hashPassword(other, first), await hashPassword(fresh, first)]
  const accounts = [...hashes, null].map((password_hash, id) => ({ id, password_hash }))
  const { types } = await countJobs(() => hash('anything'))
  for (const count of [0, 1, 2, 3, 4]) {
    for (const guess of [right, other, 'wrong']) {
      const some = accounts.slice(0, count)
      let found: typeof some = []
      const work = async () => {
        found = await matchPasswords(some, guess)
      }
      assert.deepEqual((await countJobs(work)).types, types, `${count} accounts`)
      const expected = some.filter(({ id }) => (guess === right && id === 0) || (guess === other && id === 1))
      assert.deepEqual(found, expected)
    }
  }
  assert.deepEqual(await matchPasswords(accounts.slice(3), right), [])
})

test('accounts whose hashes have different salts or parameters are all checked', async () => {
  const foreign = stored['of the reference implementation (argon2id, 64 MiB)']?.[1] ?? ''
  const hashes = [await hashPassword('password'), await hashPassword('password'), foreign, foreign]
  const accounts = hashes.map((password_hash) => ({ password_hash }))
  assert.equal((await matchPasswords(accounts, 'password')).length, 4)
  assert.equal((await matchPasswords(accounts, 'Password')).length, 0)
  assert.equal(
    await verifyPassword(await hashPassword('password', foreign), 'password'),
    true,
    'the hash has its own salt',
  )
  await assert.rejects(matchPasswords([{ password_hash: 'no hash' }], 'password'))
})

test('an unknown user costs as much processor time as a wrong password', async () => {
  const phc = await hashPassword('correct horse battery')
  const spent = { known: 0, unknown: 0 }
  const measure = async (user: keyof typeof spent) => {
    const before = process.cpuUsage()
    assert.equal(await verifyPassword(user === 'known' ? phc : undefined, 'wrong'), false)
    const { user: own, system } = process.cpuUsage(before)
    spent[user] += own + system
  }
  for (let round = 0; round < 10; round += 1) {
    await measure('known')
    await measure('unknown')
  }
  const ratio = spent.unknown / spent.known
  assert.ok(ratio > 0.3 && ratio < 3, `unknown / known = ${ratio}`)
})

test('no password matches an unknown user', async () => {
  for (const guess of ['', '\0', 'roost-demo', 'A'.repeat(43)]) {
    assert.equal(await verifyPassword(undefined, guess), false)
  }
})

test('at most two passwords are hashed at once, and all are hashed', async () => {
  const phc = await hashPassword('correct horse battery')
  let answers: boolean[] = []
  const { types, peak } = await countJobs(async () => {
    const checks = Array.from({ length: 12 }, (_, i) =>
      verifyPassword(i % 3 ? phc : undefined, 'correct horse battery'),
    )
    answers = await Promise.all(checks)
  })
  assert.equal(types.length, 12)
  assert.equal(peak, 2)
  assert.deepEqual(
    answers,
    Array.from({ length: 12 }, (_, i) => i % 3 > 0),
  )
})

test('of 60 unknown clients 42 run or wait and 18 are refused; known users have priority', async () => {
  const order: string[] = []
  const unknown = Array.from({ length: 60 }, () =>
    verifyPassword(undefined, 'x').then(
      () => order.push('unknown'),
      (error) => order.push(error.code),
    ),
  )
  const known = Array.from({ length: 3 }, () =>
    verifyPassword(undefined, 'x', { is_known: true }).then(() => order.push('known')),
  )
  await Promise.all([...unknown, ...known])
  assert.deepEqual(order.slice(0, 18), Array(18).fill('OVERLOADED'))
  assert.ok(order.lastIndexOf('known') < 18 + 7, 'only running hashes, and one next to each, end earlier')
  assert.equal(order.length, 63)
})

test('a password is not hashed after its client has disconnected', async () => {
  const controller = new AbortController()
  const first = [1, 2].map(() => verifyPassword(undefined, 'x'))
  const left = verifyPassword(undefined, 'x', { is_known: true, signal: controller.signal })
  controller.abort(new Error('left'))
  await assert.rejects(left, /left/)
  await Promise.all(first)
})

test('a failed check releases its slot', async () => {
  const failures = await Promise.allSettled(Array.from({ length: 6 }, () => verifyPassword('broken', 'roost-demo')))
  assert.ok(failures.every(({ status }) => status === 'rejected'))
  const { peak } = await countJobs(() => Promise.all([1, 2, 3, 4].map(() => verifyPassword(undefined, 'x'))))
  assert.equal(peak, 2)
})
