// Merging two guests: what moves, what stays, and where the id and the e-mail of the merged guest lead.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { castPerTest } from '../../../test/harness.ts'
import { codeOf, findings, must, newProperty, stay } from '../../../test/steps.ts'

const { admin, manager, staff, owner, accountant, outsider, store } = await castPerTest()
const missing = '00000000-0000-7000-8000-00000000dead'

let people = 0
async function newGuest(more: object = {}) {
  people += 1
  const guest = { first_name: `Ada ${people}`, last_name: 'Lovelace', email: `ada${people}@example.com`, ...more }
  return must(201, await staff.post('guests', guest)).body
}

async function book(guest_id: string, check_in = '2020-05-10') {
  const body = stay(await newProperty(manager), check_in, 1, { guest_id, internal_notes: 'likes tea' })
  return must(201, await staff.post('bookings', body)).body
}

const merge = (id: string, guest_id: string, headers?: Record<string, string>) =>
  staff.post(`guests/${id}/merge`, { guest_id }, headers)
const read = async (path: string) => must(200, await staff.get(path)).body

async function rowsOf(text: string, ...values: unknown[]): Promise<Record<string, unknown>[]> {
  return (await store.owner.query(text, values)).rows
}

test('the bookings of the merged guest move, with the name and contact given for them', async () => {
  const [kept, merged] = [await newGuest(), await newGuest({ phone: '+4312345678' })]
  const [mine, moved] = [await book(kept.id), await book(merged.id, '2021-05-10')]
  const { guest, moved_bookings } = must(200, await merge(kept.id, merged.id)).body
  assert.equal(moved_bookings, 1)
  const totals = { num_stays: 2, first_check_in: '2020-05-10', last_check_out: '2021-05-11' }
  assert.deepEqual(guest, { ...kept, ...totals, phone: '+4312345678', version: 2, updated_at: guest.updated_at })
  const after = await read(`bookings/${moved.id}`)
  assert.deepEqual(after.guest, { ...moved.guest, id: kept.id })
  assert.deepEqual([after.version, await read(`bookings/${mine.id}`)], [2, mine])
  const { items } = await read(`guests/${kept.id}/bookings`)
  assert.deepEqual(
    items.map(({ id }: { id: string }) => id),
    [moved.id, mine.id],
  )
  const entries = await rowsOf(
    'select entity_id, action, before, after from audit_log where request_id = (select request_id from audit_log where action = $1) order by id',
    'guest.merged',
  )
  assert.deepEqual(entries, [
    {
      entity_id: kept.id,
      action: 'guest.updated',
      before: null,
      after: { merged_guest_id: merged.id, changed: ['phone'] },
    },
    { entity_id: merged.id, action: 'guest.merged', before: null, after: { merged_into_id: kept.id } },
    { entity_id: moved.id, action: 'booking.updated', before: { guest_id: merged.id }, after: { guest_id: kept.id } },
  ])
})

test('the id and the e-mail of a merged guest lead to the guest that was kept', async () => {
  const [first, second, kept] = [await newGuest(), await newGuest(), await newGuest()]
  const booking = await book(first.id)
  must(200, await merge(second.id, first.id))
  must(200, await merge(kept.id, second.id))
  for (const { id, email } of [first, second]) {
    assert.equal((await read(`guests/${id}`)).id, kept.id)
    assert.deepEqual(
      (await read(`guests?email=${email}`)).items.map((item: { id: string }) => item.id),
      [kept.id],
    )
    for (const list of [`guests/${id}/bookings`, `bookings?guest_id=${id}`]) {
      assert.equal((await read(list)).items.at(-1).id, booking.id)
    }
    assert.equal((await book(id, '2022-01-01')).guest.id, kept.id)
    const body = stay(await newProperty(manager), '2022-01-01', 1, {
      guest: { first_name: 'X', last_name: 'Y', email },
    })
    assert.equal(must(201, await staff.post('bookings', body)).body.guest.id, kept.id)
    const taken = must(409, await staff.post('guests', { first_name: 'X', last_name: 'Y', email }))
    assert.deepEqual([findings(taken), taken.body.error.meta.guest_id], [['/email TAKEN'], kept.id])
    must(200, await staff.patch(`guests/${id}`, { email }))
    assert.equal((await read(`guests/${kept.id}`)).email, email)
  }
  const { items } = await read('guests')
  assert.deepEqual(
    items.map(({ id }: { id: string }) => id),
    [kept.id],
    'merged guests are not listed',
  )
})

test('a guest without an e-mail gets that of the merged guest', async () => {
  const [kept, merged] = [await newGuest({ email: undefined }), await newGuest()]
  assert.equal(must(200, await merge(kept.id, merged.id)).body.guest.email, merged.email)
  assert.deepEqual((await read(`guests?email=${merged.email}`)).items.length, 1)
})

test('a booking from before this release keeps showing the name of the merged guest', async () => {
  const [kept, merged] = [await newGuest(), await newGuest()]
  const booking = await book(merged.id)
  await rowsOf(
    'update bookings set guest_first_name = null, guest_last_name = null, guest_email = null, guest_phone = null where id = $1',
    booking.id,
  )
  must(200, await merge(kept.id, merged.id))
  assert.deepEqual((await read(`bookings/${booking.id}`)).guest, { ...booking.guest, id: kept.id })
})

test('merging again changes nothing; the other direction is refused', async () => {
  const [kept, merged, third] = [await newGuest(), await newGuest(), await newGuest()]
  await book(merged.id)
  const first = must(200, await merge(kept.id, merged.id)).body
  const count = async () => (await rowsOf('select count(*)::int as n from audit_log'))[0]?.n
  const before = await count()
  assert.deepEqual(must(200, await merge(kept.id, merged.id.toUpperCase())).body, { ...first, moved_bookings: 0 })
  for (const [id, guest_id] of [
    [merged.id, kept.id],
    [merged.id, third.id],
    [third.id, merged.id],
  ]) {
    const refused = must(409, await merge(id, guest_id))
    assert.deepEqual([codeOf(refused), refused.body.error.meta.guest_id], ['CONFLICT', kept.id])
  }
  assert.equal(await count(), before)
})

test('an unknown, foreign, anonymised or equal guest is refused; so is a stale version', async () => {
  const [kept, other, gone] = [await newGuest(), await newGuest(), await newGuest()]
  const foreign = must(201, await outsider.post('guests', { first_name: 'A', last_name: 'B' })).body
  must(200, await admin.post(`guests/${gone.id}/anonymisation`))
  assert.deepEqual(findings(must(422, await merge(kept.id, kept.id.toUpperCase()))), ['/guest_id SAME_GUEST'])
  for (const id of [missing, foreign.id]) {
    assert.deepEqual(findings(must(404, await merge(kept.id, id))), ['/guest_id NOT_FOUND'])
    assert.equal(codeOf(must(404, await merge(id, kept.id))), 'GUEST_NOT_FOUND')
  }
  for (const [id, guest_id] of [
    [kept.id, gone.id],
    [gone.id, kept.id],
  ]) {
    assert.equal(must(409, await merge(id, guest_id)).body.error.message, 'The guest has been anonymised.')
  }
  must(200, await staff.patch(`guests/${kept.id}`, { last_name: 'King' }))
  must(412, await merge(kept.id, other.id, { 'if-match': '"1-0123456789"' }))
  for (const client of [owner, accountant])
    must(403, await client.post(`guests/${kept.id}/merge`, { guest_id: other.id }))
  assert.deepEqual(await read(`guests/${other.id}`), other)
})

test('staff may change the guest of a booking only by a merge', async () => {
  const [one, two] = [await newGuest(), await newGuest()]
  const booking = await book(one.id)
  must(403, await staff.patch(`bookings/${booking.id}`, { guest_id: two.id }))
})

test('erasing and exporting a guest reach the guests merged into it', async () => {
  const [kept, merged] = [await newGuest(), await newGuest({ first_name: 'Slartibartfast' })]
  const booking = await book(merged.id)
  const replayed = { 'idempotency-key': 'merged-guest' }
  const other = must(201, await staff.post('guests', { first_name: 'Slartibartfast', last_name: 'B' }, replayed)).body
  must(200, await merge(kept.id, merged.id))
  must(200, await merge(kept.id, other.id))
  const exported = must(200, await admin.post(`guests/${merged.id}/export`)).body
  assert.deepEqual(
    [exported.guest.id, exported.merged_guests.map(({ id }: { id: string }) => id)],
    [kept.id, [merged.id, other.id]],
  )
  assert.deepEqual(
    exported.bookings.map(({ id }: { id: string }) => id),
    [booking.id],
  )
  assert.ok(exported.history.some(({ action }: { action: string }) => action === 'guest.merged'))
  must(200, await admin.post(`guests/${merged.id}/anonymisation`))
  const { guest } = await read(`bookings/${booking.id}`)
  assert.deepEqual(guest, {
    id: kept.id,
    first_name: 'Anonymised',
    last_name: 'Guest',
    email: null,
    phone: null,
    country: null,
  })
  for (const table of ['guests', 'bookings', 'audit_log', 'idempotency_keys']) {
    const found = await rowsOf(`select x::text from ${table} x where x::text ~* 'slarti'`)
    assert.deepEqual(found, [], table)
  }
  must(410, await staff.post('guests', { first_name: 'Slartibartfast', last_name: 'B' }, replayed))
})
