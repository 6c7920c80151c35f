// A repeated request shows nothing that its sender may not read now, and no secret that is shown once.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { castProperties, players } from '../../test/cast.ts'
import { type Client, cast, type Reply } from '../../test/harness.ts'
import { must } from '../../test/steps.ts'
import { type Permission, type Role, roles, rolesWith } from './auth/permissions.ts'

const stage = await cast()
const { admin, owner, accountant: person, store } = stage
const { user_id } = players.accountant

async function become(role: Role): Promise<void> {
  await store.owner.query('update team_members set role = $1 where user_id = $2', [role, user_id])
}

let month = 0
/** Nights of the town flat that nobody has asked for. */
function nights(): [string, string] {
  month += 1
  const at = (day: number) => new Date(Date.UTC(2030, month, day)).toISOString().slice(0, 10)
  return [at(1), at(4)]
}
const stay = () => {
  const [check_in, check_out] = nights()
  return { property_id: castProperties.town.id, check_in, check_out }
}
const block = (property_id: string = castProperties.town.id) => {
  const [start_date, end_date] = nights()
  return { property_id, start_date, end_date, reason: 'other', notes: 'The boiler' }
}

const send = (client: Client, path: string, body: object, key: string): Promise<Reply> =>
  client.post(path, body, { 'idempotency-key': key })

/** One change that each role which may write can make. */
const changes: readonly { path: string; can: Permission; body: () => object }[] = [
  { path: 'properties', can: 'properties:create', body: () => ({ name: 'A', property_type: 'room', max_guests: 1 }) },
  { path: 'bookings', can: 'bookings:create', body: () => ({ ...stay(), num_adults: 1 }) },
  { path: 'availability/blocks', can: 'blocks:write', body: () => block() },
  { path: 'guests', can: 'guests:write', body: () => ({ first_name: 'Ada', last_name: 'Lovelace' }) },
]

for (const { path, can, body } of changes) {
  for (const before of rolesWith(can)) {
    for (const now of roles) {
      const wanted = now === before ? 201 : rolesWith(can).includes(now) ? 410 : 403
      test(`POST ${path} as ${before}, repeated as ${now}: ${wanted}`, async () => {
        // An owner sees own properties only: the flat is theirs for as long as they are one.
        await store.owner.query('update properties set owner_id = $1 where id = $2', [user_id, castProperties.town.id])
        await become(before)
        const key = randomUUID()
        const request = body()
        const first = must(201, await send(person, path, request, key))
        await become(now)
        const again = await send(person, path, request, key)
        assert.equal(again.status, wanted, again.text)
        if (wanted === 201) assert.equal(again.text, first.text)
        if (wanted !== 410) return
        const { code, meta } = again.body.error
        assert.deepEqual([code, meta.reason, meta.status], ['IDEMPOTENCY_ANSWER_WITHHELD', 'role_changed', 201])
        assert.equal(meta.location, first.headers.location)
        await become(before)
        assert.equal((await send(person, path, request, key)).text, first.text, 'with the old role it is repeated')
      })
    }
  }
}

test("an owner's answers are withheld when a property is taken away, and repeated when it comes back", async () => {
  const [key, request] = [randomUUID(), block(castProperties.lake.id)]
  const first = must(201, await send(owner, 'availability/blocks', request, key))
  const give = (house: string, user: string | null) =>
    store.owner.query('update properties set owner_id = $1 where id = $2', [user, house])
  const again = () => send(owner, 'availability/blocks', request, key)
  assert.equal((await again()).text, first.text)
  await give(castProperties.forest.id, players.owner.user_id)
  assert.equal((await again()).text, first.text, 'one more property takes nothing away')
  await give(castProperties.lake.id, players.otherOwner.user_id)
  const withheld = must(410, await again())
  assert.equal(withheld.body.error.meta.reason, 'role_changed')
  assert.ok(!withheld.text.includes('boiler'))
  must(404, await owner.get(`availability/blocks/${first.body.id}`))
  await give(castProperties.lake.id, players.owner.user_id)
  assert.equal((await again()).text, first.text)
})

test('another request under a withheld key is still told that the key is used', async () => {
  await become('manager')
  const key = randomUUID()
  const request = { ...stay(), num_adults: 1 }
  must(201, await send(person, 'bookings', request, key))
  await become('staff')
  const other = must(422, await send(person, 'bookings', { ...request, num_adults: 2 }, key))
  assert.equal(other.body.error.code, 'IDEMPOTENCY_KEY_REUSED')
})

test('an invitation is made once with a key, its secret is answered once and stored nowhere', async () => {
  const key = randomUUID()
  const request = { email: 'new@example.com', role: 'staff' }
  const first = must(201, await send(admin, 'team', request, key))
  assert.match(first.body.token, /^[\w-]{20,}$/)
  const again = must(410, await send(admin, 'team', request, key))
  assert.deepEqual(again.body.error.meta, { reason: 'secret', status: 201 })
  const { rows } = await store.owner.query(
    "select encode(body, 'escape') as body, headers from idempotency_keys where key = $1",
    [key],
  )
  assert.deepEqual(rows, [{ body: null, headers: {} }])
  const renewed = must(201, await send(admin, 'team', request, randomUUID()))
  assert.notEqual(renewed.body.token, first.body.token)
  must(409, await send(admin, 'team', { email: players.staff.email, role: 'staff' }, 'refused'))
  must(409, await send(admin, 'team', { email: players.staff.email, role: 'staff' }, 'refused'))
})
