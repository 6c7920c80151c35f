// Every route that changes data, and every other change, adds exactly the expected entries to the event log.
// One engine is enough: the triggers are the same on both.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import sharp from 'sharp'
import { operatorOf } from '../../src/core/auth/actors.ts'
import { createFolderStore } from '../../src/core/media/folder.ts'
import { createAgency, recordExport } from '../../src/features/agencies/agencies.ts'
import { setFeature } from '../../src/features/entitlements/entitlements.ts'
import { deleteExpiredNotes, expireHolds } from '../../src/features/holds/expiry.ts'
import { importBookings, importListings } from '../../src/features/imports/imports.ts'
import { processPhotos } from '../../src/features/photos/processing.ts'
import { addMember, proveMember } from '../../src/features/team/team.ts'
import { features } from '../../src/features.ts'
import { upload_type } from '../../src/http/upload.ts'
import { castProperties, north, password, players } from '../cast.ts'
import { castPerTest } from '../harness.ts'
import { csv, fileOf } from '../import-files.ts'
import { tokenFor } from '../outbox.ts'
import { sampleContextOf, sampleOf } from '../samples.ts'
import { localToday, must, newProperty, stay } from '../steps.ts'

const fixture = await castPerTest()
const { admin, staff, anonymous, app, store } = fixture
const { db, owner } = store

interface Entry {
  readonly type: string
  readonly entity_type: string
  readonly entity_id: string
  readonly version: number | null
  readonly property_id: string | null
  readonly former_property_id: string | null
}

/** The types of all entries that the tests of this file have added. */
const seen = new Set<string>()

/** The entries that `work` adds to the agency's log, in the order in which they were recorded. */
async function added(work: () => Promise<unknown>, agency_id = () => north): Promise<Entry[]> {
  const { rows: before } = await owner.query('select id from audit_log where agency_id = $1', [agency_id()])
  await work()
  const { rows } = await owner.query(
    `select action as type, entity_type, entity_id, version, property_id, former_property_id from audit_log
     where agency_id = $1 and id <> all ($2) order by id`,
    [agency_id(), before.map(({ id }) => id)],
  )
  for (const { type } of rows) seen.add(String(type))
  return rows as unknown as Entry[]
}

const typesOf = (entries: readonly Entry[]) => entries.map(({ type }) => type)

const context = sampleContextOf(fixture)

const tables: Readonly<Record<string, string>> = {
  property: 'properties',
  photo: 'property_photos',
  booking: 'bookings',
  block: 'blocks',
  hold: 'holds',
  conflict: 'booking_conflicts',
  guest: 'guests',
  agency: 'agencies',
  team_member: 'team_members',
}

/** Version and property are those of the row, as far as its table has them. A deleted block has no row. */
async function requireRowOf({ type, entity_type, entity_id, version, property_id }: Entry): Promise<void> {
  const table = tables[entity_type]
  if (table === undefined) return assert.equal(property_id, null, type)
  const { rows } = await owner.query(
    `select to_jsonb(t) as row from ${table} t where ${table === 'team_members' ? 'user_id' : 'id'} = $1`,
    [entity_id],
  )
  const row = rows[0]?.row as Record<string, unknown> | undefined
  if (row === undefined) return assert.equal(type, 'block.deleted')
  assert.equal(property_id, entity_type === 'property' ? entity_id : (row.property_id ?? null), type)
  assert.equal(version, row.version, type)
}

/** Files are imported below. */
const routes = app.declaredRoutes.filter(
  ({ method, can, is_upload }) => can !== undefined && !is_upload && ['POST', 'PATCH', 'DELETE'].includes(method),
)
assert.ok(routes.length >= 25)

for (const { method, url } of routes) {
  const name = `${method} ${url.replace('/api/v1', '')}`
  test(`${name} adds the expected entries, with version and property`, async () => {
    const { request, events } = sampleOf(name)
    const { path, body } = await request(context)
    const entries = await added(async () => {
      const { status, text } = await admin.request(method as 'POST', path, body)
      assert.ok(status >= 200 && status < 300, text)
    })
    assert.deepEqual(typesOf(entries), events)
    for (const entry of entries) await requireRowOf(entry)
  })
}

const nights = { check_in: '2031-05-10', check_out: '2031-05-14' }
const hold = async (property_id: string, more: object = {}): Promise<string> =>
  must(201, await staff.post('holds', { property_id, ...nights, ...more })).body.id
const expire = (id: string, age = '1 second') =>
  owner.query(
    `with expired as (update holds set expires_at = now() - $2::interval where id = $1)
     update occupancies set expires_at = now() - $2::interval where hold_id = $1`,
    [id, age],
  )

test('a hold that expires is in the log once, whichever transaction deletes its nights', async () => {
  const [by_job, by_booking] = [await hold(castProperties.lake.id), await hold(castProperties.town.id)]
  await expire(by_job)
  await expire(by_booking)
  const booked = await added(async () => {
    must(201, await staff.post('bookings', stay(castProperties.town.id, nights.check_in, 2)))
  })
  assert.deepEqual(typesOf(booked), ['hold.expired', 'booking.created'])
  const expired = await added(() => expireHolds(db))
  assert.deepEqual(expired, [
    {
      // `expire` has changed the row.
      version: 2,
      type: 'hold.expired',
      entity_type: 'hold',
      entity_id: by_job,
      property_id: castProperties.lake.id,
      former_property_id: null,
    },
  ])
  assert.deepEqual(await added(() => expireHolds(db)), [])
})

test('deleted notes of a hold are a change of the hold', async () => {
  const id = await hold(castProperties.lake.id, { notes: 'Call back' })
  const cleared = await added(async () => must(204, await staff.delete(`holds/${id}/notes`)))
  assert.deepEqual(typesOf(cleared), ['hold.updated'])
  const other = await hold(castProperties.town.id, { notes: 'Call back' })
  await expire(other, '25 hours')
  const by_job = await added(() => deleteExpiredNotes(db))
  assert.deepEqual(typesOf(by_job), ['hold.updated'])
  for (const entry of [...cleared, ...by_job]) await requireRowOf(entry)
})

test('a property that is deleted takes its blocks and holds along', async () => {
  const property_id = await newProperty(admin)
  await hold(property_id)
  const gone = await hold(property_id, { check_in: '2031-06-01', check_out: '2031-06-03' })
  await expire(gone)
  const block = { property_id, start_date: '2031-07-01', end_date: '2031-07-03', reason: 'other' }
  must(201, await admin.post('availability/blocks', block))
  const entries = await added(async () => must(204, await admin.delete(`properties/${property_id}`)))
  assert.deepEqual(typesOf(entries).sort(), ['block.deleted', 'hold.expired', 'hold.released', 'property.deleted'])
  for (const entry of entries) assert.equal(entry.property_id, property_id)
  assert.equal(entries.find(({ type }) => type === 'block.deleted')?.version, 2)
})

test("erasing a guest changes the guest's bookings and holds", async () => {
  const id = await hold(castProperties.lake.id, { notes: 'Ada' })
  const guest = { first_name: 'Ada', last_name: 'Lovelace', email: 'ada@example.com' }
  const booking = must(201, await staff.post(`holds/${id}/booking`, { num_adults: 1, guest })).body
  must(200, await admin.patch(`bookings/${booking.id}/status`, { status: 'cancelled' }))
  const entries = await added(async () => must(200, await admin.post(`guests/${booking.guest.id}/anonymisation`)))
  assert.deepEqual(typesOf(entries), ['guest.anonymised', 'hold.updated', 'booking.updated'])
  for (const entry of entries) await requireRowOf(entry)
})

test('a booking that moves to another property names both', async () => {
  const { id } = must(201, await staff.post('bookings', stay(castProperties.lake.id, nights.check_in))).body
  const [entry] = await added(async () => {
    must(200, await admin.patch(`bookings/${id}`, { property_id: castProperties.town.id }))
  })
  assert.deepEqual([entry?.property_id, entry?.former_property_id], [castProperties.town.id, castProperties.lake.id])
})

test('what commands and invitations change is in the log', async () => {
  const operator = operatorOf(north)
  const changes: readonly [work: () => Promise<unknown>, types: readonly string[]][] = [
    [() => db.tenantTx(operator, (tx) => setFeature(tx, 'channel_sync', true)), ['feature.enabled']],
    [() => db.tenantTx(operator, (tx) => setFeature(tx, 'channel_sync', false)), ['feature.disabled']],
    [() => addMember(db, operator, { email: players.outsider.email, role: 'staff' }), ['member.added']],
    [
      async () => {
        const { token } = must(201, await admin.post('team', { email: 'sam@example.com', role: 'admin' })).body
        must(200, await anonymous.post('auth/invitations/accept', { token, password: 'a long enough secret' }))
      },
      ['member.invited', 'member.joined'],
    ],
  ]
  for (const [work, types] of changes) assert.deepEqual(typesOf(await added(work)), types)
})

test('an import adds an entry for each row that it creates', async () => {
  const header = ['id', 'name', 'neighbourhood_cleansed', 'latitude', 'longitude', 'property_type', 'accommodates']
  const more = ['bathrooms_text', 'bedrooms', 'beds', 'price']
  const listing = (id: number) => [id, `Home ${id}`, 'Norrmalms', '59.3', '18.1', 'Entire rental unit', 4]
  const rows = [1, 2].map((id) => [...listing(id), '1 bath', 1, 1, '$100.00'])
  const file = fileOf(csv([...header, ...more], ...rows))
  const entries = await added(() => importListings(db, { file, agency_id: north, currency: 'SEK', is_dry_run: false }))
  assert.deepEqual(typesOf(entries), ['property.created', 'property.created'])
  for (const entry of entries) await requireRowOf(entry)
})

test('an import of stays adds an entry for each booking, change and conflict', async () => {
  const header = ['Confirmation code', 'Status', '# of adults', 'Start date', 'End date', 'Listing']
  const row = (code: string, status: string, to: string) => [
    code,
    status,
    2,
    nights.check_in,
    to,
    castProperties.lake.name,
  ]
  const importRows =
    (...rows: (string | number)[][]) =>
    () =>
      importBookings(db, {
        file: fileOf(csv(header, ...rows)),
        agency_id: north,
        currency: undefined,
        date_order: undefined,
        has_assignment: false,
        is_dry_run: false,
      })
  const steps: readonly [work: () => Promise<unknown>, types: readonly string[]][] = [
    [importRows(row('A', 'Confirmed', '2031-05-14')), ['booking.created']],
    [importRows(row('A', 'Confirmed', '2031-05-15')), ['booking.updated']],
    [importRows(row('B', 'Confirmed', '2031-05-12')), ['conflict.created']],
    [importRows(row('B', 'Confirmed', '2031-05-13')), ['conflict.updated']],
    [
      importRows(row('A', 'Canceled', '2031-05-15'), row('B', 'Confirmed', '2031-05-13')),
      ['booking.updated', 'booking.created', 'conflict.resolved'],
    ],
  ]
  for (const [work, types] of steps) {
    const entries = await added(work)
    assert.deepEqual(typesOf(entries), types)
    for (const entry of entries) await requireRowOf(entry)
  }
})

test('a new agency is in its own log', async () => {
  let id = ''
  const entries = await added(
    async () => {
      id = (await createAgency(db, { name: 'East', slug: `east-${Date.now()}` })).id
    },
    () => id || north,
  )
  assert.deepEqual(typesOf(entries), ['agency.created'])
})

test('an export by the operator has an entry', async () => {
  assert.deepEqual(typesOf(await added(() => recordExport(db, north))), ['agency.exported'])
})

test('every change of status has its entry', async () => {
  const paths = [['pending', 'confirmed', 'no_show'], ['declined'], ['confirmed', 'checked_in', 'checked_out']]
  for (const statuses of paths) {
    const booking = { ...stay(castProperties.lake.id, localToday(-3)), status: 'inquiry' }
    const { id } = must(201, await admin.post('bookings', booking)).body
    const entries = await added(async () => {
      for (const status of statuses) must(200, await admin.patch(`bookings/${id}/status`, { status }))
    })
    assert.deepEqual(
      typesOf(entries),
      statuses.map((status) => `booking.${status}`),
    )
    must(204, await admin.delete(`bookings/${id}`))
  }
})

test('a member who returns, a proven address and a reused token are in the log', async () => {
  const returned = await added(async () => {
    for (const is_active of [false, true]) must(200, await admin.patch(`team/${players.staff.user_id}`, { is_active }))
  })
  assert.deepEqual(typesOf(returned), ['member.deactivated', 'member.reactivated'])
  const email = 'kim@example.com'
  const invited = must(201, await admin.post('team', { email, role: 'staff' })).body
  must(200, await anonymous.post('auth/invitations/accept', { token: invited.token, password: 'a long enough secret' }))
  assert.deepEqual(typesOf(await added(() => proveMember(db, { email }))), ['member.address_proven'])
  const { refresh_token } = must(
    200,
    await anonymous.post('auth/login', { email: players.manager.email, password }),
  ).body
  must(200, await anonymous.post('auth/refresh', { refresh_token }))
  await owner.query("update refresh_tokens set used_at = used_at - interval '11 seconds' where used_at is not null")
  const reused = await added(async () => must(401, await anonymous.post('auth/refresh', { refresh_token })))
  assert.deepEqual(typesOf(reused), ['session.reuse_detected'])
})

test('a picture is in the log when it is added, and when it is ready or cannot be read', async () => {
  const media = createFolderStore(join(fixture.config.data_dir, 'media'))
  const picture = await sharp({ create: { width: 9, height: 9, channels: 3, background: '#000' } })
    .png()
    .toBuffer()
  for (const [body, outcome] of [
    [picture, 'photo.ready'],
    [picture.subarray(0, 20), 'photo.failed'],
  ] as const) {
    const entries = await added(async () => {
      const path = `properties/${castProperties.lake.id}/photos`
      must(201, await admin.request('POST', path, body, { 'content-type': upload_type }))
      await processPhotos({ db, media }, north)
    })
    assert.deepEqual(typesOf(entries), ['photo.added', outcome])
    const [, processed] = entries
    if (processed !== undefined) await requireRowOf(processed)
  }
})

test('what people change of their own account is in the log', async () => {
  const { email } = players.staff
  const renamed = await added(async () => must(200, await staff.patch('me', { full_name: 'Kim Staff' })))
  assert.deepEqual(typesOf(renamed), ['member.profile_changed'])
  must(202, await anonymous.post('auth/password-resets', { email }))
  const token = await tokenFor(fixture, 'password_reset', email)
  const given = 'four words are enough'
  const reset = await added(async () => {
    must(204, await anonymous.post('auth/password-resets/accept', { token, password: given }))
  })
  assert.deepEqual(typesOf(reset), ['member.password_reset'])
  const own = fixture.bearing(must(200, await anonymous.post('auth/login', { email, password: given })).body.token)
  must(200, await own.patch('me', { email: `new-${email}`, current_password: given }))
  const confirmation = await tokenFor(fixture, 'email_confirmation', `new-${email}`)
  const changed = await added(async () => {
    must(204, await anonymous.post('auth/email-confirmations', { token: confirmation }))
  })
  assert.deepEqual(typesOf(changed), ['member.email_changed'])
  for (const entry of [...renamed, ...reset, ...changed]) await requireRowOf(entry)
})

test('the features declare exactly the types that are in the log', () => {
  assert.deepEqual([...seen].sort(), features.flatMap(({ events }) => Object.keys(events ?? {})).sort())
})
