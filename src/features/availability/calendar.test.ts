// Tests the calendar, the overview and the explanation of a stay over HTTP.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { castProperties, north, players } from '../../../test/cast.ts'
import { type Client, castPerTest } from '../../../test/harness.ts'
import { codeOf, dayAfter, findings, must, newProperty, stay } from '../../../test/steps.ts'

const { admin, manager, staff, owner, otherOwner, accountant, outsider, store } = await castPerTest()
const withoutRequestId = (text: string) => text.replace(/"request_id":"[^"]*",?/, '')
const missing = '00000000-0000-7000-8000-00000000dead'

/** Inserts a hold and its occupancy. Returns the id of the hold. */
async function insertHold(
  property_id: string,
  check_in: string,
  check_out: string,
  lasts = '15 minutes',
): Promise<string> {
  const id = randomUUID()
  const values = [north, id, property_id, check_in, check_out]
  const expires = `now() + interval '${lasts}'`
  await store.owner.query(
    `insert into holds (agency_id, id, property_id, check_in, check_out, expires_at, created_by)
     values ($1, $2, $3, $4, $5, ${expires}, '${players.staff.user_id}')`,
    values,
  )
  await store.owner.query(
    `insert into occupancies (agency_id, id, property_id, kind, hold_id, expires_at, during)
     values ($1, gen_random_uuid(), $3, 'hold', $2, ${expires}, daterange($4, $5))`,
    values,
  )
  return id
}

const block = (property_id: string, start_date: string, nights: number) => ({
  property_id,
  start_date,
  end_date: dayAfter(start_date, nights),
  reason: 'maintenance',
})

async function localDay(agency_id: string): Promise<string> {
  const text = 'select ((now() at time zone a.time_zone)::date)::text as day from agencies a where id = $1'
  return (await store.owner.query(text, [agency_id])).rows[0]?.day as string
}

const calendarOf = async (client: Client, property_id: string, from: string, to: string) =>
  must(200, await client.get(`availability?property_id=${property_id}&from=${from}&to=${to}`)).body

test('the calendar covers every night once: free, booked, blocked or held', async () => {
  const property_id = await newProperty(manager, { min_nights: 2, arrival_weekdays: ['fri', 'sat'] })
  await manager.patch(`properties/${property_id}`, { min_nights: 1, arrival_weekdays: null })
  const booking_id = must(201, await staff.post('bookings', stay(property_id, '2027-06-28', 5))).body.id
  const block_id = must(201, await manager.post('availability/blocks', block(property_id, '2027-07-03', 2))).body.id
  const hold_id = await insertHold(property_id, '2027-07-08', '2027-07-12')
  await insertHold(property_id, '2027-07-06', '2027-07-07', '-1 minutes')
  const body = await calendarOf(staff, property_id, '2027-07-01', '2027-07-10')
  assert.deepEqual(body.intervals, [
    { kind: 'booking', check_in: '2027-07-01', check_out: '2027-07-03', booking_id },
    { kind: 'block', check_in: '2027-07-03', check_out: '2027-07-05', block_id },
    { kind: 'free', check_in: '2027-07-05', check_out: '2027-07-08' },
    { kind: 'hold', check_in: '2027-07-08', check_out: '2027-07-10', hold_id },
  ])
  assert.deepEqual([body.property_id, body.from, body.to], [property_id, '2027-07-01', '2027-07-10'])
  assert.equal(body.today, await localDay(north))
  assert.deepEqual(body.rules, {
    is_active: true,
    min_nights: 1,
    max_nights: 366,
    buffer_days_before: 0,
    buffer_days_after: 0,
    arrival_weekdays: null,
    departure_weekdays: null,
    notice_days: 0,
    booking_window_days: null,
  })
})

test('an id is shown only to roles that may read its object, and guests to none', async () => {
  const guest = { first_name: 'Nora', last_name: 'Secret', email: 'nora.secret@example.com' }
  const { lake } = castProperties
  const booking_id = must(201, await staff.post('bookings', stay(lake.id, '2027-07-01', 2, { guest }))).body.id
  const hold_id = await insertHold(lake.id, '2027-07-03', '2027-07-05')
  const booking = { kind: 'booking', check_in: '2027-07-01', check_out: '2027-07-03', booking_id }
  const hold_interval = { kind: 'hold', check_in: '2027-07-03', check_out: '2027-07-05' }
  for (const [client, expected] of [
    [staff, { ...hold_interval, hold_id }],
    [owner, hold_interval],
    [accountant, hold_interval],
  ] as const) {
    const { intervals } = await calendarOf(client, lake.id, '2027-07-01', '2027-07-05')
    assert.deepEqual(intervals, [booking, expected])
    const overview = must(200, await client.get('availability/overview?from=2027-07-01&to=2027-07-05'))
    const item = overview.body.items.find(({ property_id }: { property_id: string }) => property_id === lake.id)
    assert.deepEqual(item, { property_id: lake.id, name: lake.name, is_active: true, occupied: [booking, expected] })
    assert.doesNotMatch(overview.text, /Secret|nora/i)
    const explanation = await client.get(
      `availability/explain?property_id=${lake.id}&check_in=2027-07-03&check_out=2027-07-04`,
    )
    assert.deepEqual(must(200, explanation).body.conflict, expected)
  }
})

test('properties of another owner or agency answer like unknown ones', async () => {
  const query = 'check_in=2027-07-01&check_out=2027-07-02'
  for (const client of [otherOwner, outsider]) {
    for (const [path, dates] of [
      ['availability', 'from=2027-07-01&to=2027-07-02'],
      ['availability/explain', query],
    ]) {
      const foreign = must(404, await client.get(`${path}?property_id=${castProperties.lake.id}&${dates}`))
      const absent = await client.get(`${path}?property_id=${missing}&${dates}`)
      assert.equal(withoutRequestId(foreign.text), withoutRequestId(absent.text))
    }
    const { items } = must(200, await client.get('availability/overview?from=2027-07-01&to=2027-07-08')).body
    assert.deepEqual(
      items.map(({ name }: { name: string }) => name),
      [client === outsider ? 'Beach Villa' : 'Forest Cabin'],
    )
  }
})

test('the overview contains every property once over all pages, by name', async () => {
  const all = must(200, await manager.get('availability/overview?from=2027-01-01&to=2027-02-01')).body
  assert.equal(all.next_cursor, null)
  const paged: unknown[] = []
  let cursor = ''
  for (;;) {
    const { body } = must(
      200,
      await manager.get(`availability/overview?from=2027-01-01&to=2027-02-01&limit=2${cursor}`),
    )
    paged.push(...body.items)
    if (body.next_cursor === null) break
    cursor = `&cursor=${body.next_cursor}`
  }
  assert.ok(all.items.length >= 3)
  assert.deepEqual(paged, all.items)
  const { items } = must(200, await manager.get('properties?limit=100')).body
  const idsOf = (list: { id?: string; property_id?: string }[]) => list.map(({ id, property_id }) => id ?? property_id)
  assert.deepEqual(idsOf(all.items), idsOf(items))
})

test('an empty or too long range is refused with a JSON pointer', async () => {
  const town = `property_id=${castProperties.town.id}`
  const cases = [
    [`availability?${town}&from=2027-01-01&to=2027-01-01`, '/query/to NOT_AFTER_FROM'],
    [`availability?${town}&from=2027-01-01&to=${dayAfter('2027-01-01', 751)}`, '/query/to TOO_LONG'],
    [`availability/overview?from=2027-01-01&to=${dayAfter('2027-01-01', 101)}`, '/query/to TOO_LONG'],
    [`availability/explain?${town}&check_in=2027-01-02&check_out=2027-01-01`, '/query/check_out NOT_AFTER_CHECK_IN'],
    [`availability/explain?${town}&check_in=2027-01-02&check_out=2028-01-04`, '/query/check_out TOO_LONG'],
  ] as const
  for (const [path, finding] of cases) assert.deepEqual(findings(must(422, await manager.get(path))), [finding])
  await calendarOf(manager, castProperties.town.id, '2027-01-01', dayAfter('2027-01-01', 750))
})

test('today is the local day of the agency, or of the property if it has a zone of its own', async () => {
  const days: string[] = []
  const zones: [of_agency: string, of_property: string | null, zone: string][] = [
    ['Pacific/Kiritimati', null, 'Pacific/Kiritimati'],
    ['Europe/Kyiv', null, 'Europe/Kyiv'],
    ['Pacific/Kiritimati', 'us/pacific', 'America/Los_Angeles'],
    ['Pacific/Kiritimati', 'Pacific/Pago_Pago', 'Pacific/Pago_Pago'],
  ]
  for (const [of_agency, time_zone, zone] of zones) {
    must(200, await outsider.patch('agency', { time_zone: of_agency }))
    must(200, await outsider.patch(`properties/${castProperties.beach.id}`, { time_zone }))
    const now = () => new Intl.DateTimeFormat('sv-SE', { timeZone: zone }).format(new Date())
    const [before, { today: local }] = [
      now(),
      await calendarOf(outsider, castProperties.beach.id, '2027-01-01', '2027-01-02'),
    ]
    assert.ok([before, now()].includes(local), zone)
    days.push(local)
    await outsider.patch(`properties/${castProperties.beach.id}`, { notice_days: 1 })
    const explain = (check_in: string) =>
      outsider.get(
        `availability/explain?property_id=${castProperties.beach.id}&check_in=${check_in}&check_out=${dayAfter(check_in, 1)}`,
      )
    assert.equal((await explain(local)).body.rule, 'notice', zone)
    assert.equal((await explain(dayAfter(local, 1))).body.rule, null, zone)
  }
  assert.notEqual(days[0], days[3], 'a day and an hour apart')
})

test('expired holds do not block, even before their occupancies are deleted', async () => {
  const property_id = await newProperty(manager, { buffer_days_after: 3 })
  await insertHold(property_id, '2027-07-01', '2027-07-05', '-1 seconds')
  await insertHold(property_id, '2027-07-05', '2027-07-08', '-1 seconds')
  const explanation = await staff.get(
    `availability/explain?property_id=${property_id}&check_in=2027-07-04&check_out=2027-07-06`,
  )
  assert.equal(explanation.body.is_bookable, true)
  must(201, await staff.post('bookings', stay(property_id, '2027-07-04', 2)))
  const lake_id = castProperties.lake.id
  await insertHold(lake_id, '2027-09-01', '2027-09-05', '-1 seconds')
  must(201, await owner.post('availability/blocks', block(lake_id, '2027-09-04', 2)))
  await insertHold(lake_id, '2027-10-01', '2027-10-05')
  assert.equal(codeOf(await owner.post('availability/blocks', block(lake_id, '2027-10-04', 2))), 'BOOKING_CONFLICT')
  must(409, await admin.post('bookings', stay(lake_id, '2027-10-04', 2)))
})
