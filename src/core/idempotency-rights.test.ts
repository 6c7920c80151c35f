// A replay returns no data that the user cannot read any more, and no secrets.
// One engine is enough: the rights are the same on both.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { castProperties, players } from '../../test/cast.ts'
import { type Client, cast, type Reply } from '../../test/harness.ts'
import { must } from '../../test/steps.ts'
import { listRolesWith, type Permission, type Role, roles } from './auth/permissions.ts'

const fixture = await cast()
const { admin, owner, accountant: user, store } = fixture
const { user_id } = players.accountant

async function become(role: Role): Promise<void> {
  await store.owner.query('update team_members set role = $1 where user_id = $2', [role, user_id])
}

let month = 0
/** Free nights of the town flat. */
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

/** One mutation for each permission. */
const changes: readonly { path: string; can: Permission; body: () => object }[] = [
  { path: 'properties', can: 'properties:create', body: () => ({ name: 'A', property_type: 'room', max_guests: 1 }) },
  { path: 'bookings', can: 'bookings:create', body: () => ({ ...stay(), num_adults: 1 }) },
  { path: 'availability/blocks', can: 'blocks:write', body: () => block() },
  { path: 'guests', can: 'guests:write', body: () => ({ first_name: 'Ada', last_name: 'Lovelace' }) },
]

for (const { path, can, body } of changes) {
  for (const before of listRolesWith(can)) {
    for (const now of roles) {
      const wanted = now === before ? 201 : listRolesWith(can).includes(now) ? 410 : 403
      test(`POST ${path} as ${before}, repeated as ${now}: ${wanted}`, async () => {
        // Owners see only their own properties, so the user owns the flat.
        await store.owner.query('update properties set owner_id = $1 where id = $2', [user_id, castProperties.town.id])
        await become(before)
        const key = randomUUID()
        const request = body()
        const first = must(201, await send(user, path, request, key))
        await become(now)
        const again = await send(user, path, request, key)
        assert.equal(again.status, wanted, again.text)
        if (wanted === 201) assert.equal(again.text, first.text)
        if (wanted !== 410) return
        const { code, meta } = again.body.error
        assert.deepEqual([code, meta.reason, meta.status], ['IDEMPOTENCY_ANSWER_WITHHELD', 'role_changed', 201])
        assert.equal(meta.location, first.headers.location)
        await become(before)
        assert.equal((await send(user, path, request, key)).text, first.text, 'with the old role it is replayed')
      })
    }
  }
}

test("an owner's responses are withheld while one of the properties belongs to another owner", async () => {
  const [key, request] = [randomUUID(), block(castProperties.lake.id)]
  const first = must(201, await send(owner, 'availability/blocks', request, key))
  const setOwner = (property_id: string, user: string | null) =>
    store.owner.query('update properties set owner_id = $1 where id = $2', [user, property_id])
  const again = () => send(owner, 'availability/blocks', request, key)
  assert.equal((await again()).text, first.text)
  await setOwner(castProperties.forest.id, players.owner.user_id)
  assert.equal((await again()).text, first.text, 'an additional property makes no difference')
  await setOwner(castProperties.lake.id, players.otherOwner.user_id)
  const withheld = must(410, await again())
  assert.equal(withheld.body.error.meta.reason, 'role_changed')
  assert.ok(!withheld.text.includes('boiler'))
  must(404, await owner.get(`availability/blocks/${first.body.id}`))
  await setOwner(castProperties.lake.id, players.owner.user_id)
  assert.equal((await again()).text, first.text)
})

test('another request with the key of a withheld response answers IDEMPOTENCY_KEY_REUSED', async () => {
  await become('manager')
  const key = randomUUID()
  const request = { ...stay(), num_adults: 1 }
  must(201, await send(user, 'bookings', request, key))
  await become('staff')
  const other = must(422, await send(user, 'bookings', { ...request, num_adults: 2 }, key))
  assert.equal(other.body.error.code, 'IDEMPOTENCY_KEY_REUSED')
})

test('with a key an invitation is created once, and its secret is not stored', async () => {
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
