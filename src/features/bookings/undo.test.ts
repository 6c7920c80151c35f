// Tests the days of check-in, check-out and no-show, and how they are undone.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { castPerTest, type Reply } from '../../../test/harness.ts'
import { codeOf, localToday, must, newProperty, stay } from '../../../test/steps.ts'

const { admin, manager, staff, store } = await castPerTest()

async function book(check_in: string, nights = 3, more: object = {}): Promise<Reply['body']> {
  const property_id = await newProperty(manager, more)
  return must(201, await staff.post('bookings', stay(property_id, check_in, nights))).body
}
const move = (id: string, status: string, client = manager) => client.patch(`bookings/${id}/status`, { status })
const moved = async (id: string, status: string) => must(200, await move(id, status), status).body

async function shiftTimes(id: string, hours: number): Promise<void> {
  await store.owner.query(
    `update bookings set checked_in_at = checked_in_at - make_interval(hours => $2),
       checked_out_at = checked_out_at - make_interval(hours => $2), no_show_at = no_show_at - make_interval(hours => $2)
     where id = $1`,
    [id, hours],
  )
}

const tooEarly: [name: string, arrival: number, nights: number, steps: string[], to: string, earliest: number][] = [
  ['a check-in before the day of arrival', 2, 3, [], 'checked_in', 2],
  ['a no-show before the day of arrival', 2, 3, [], 'no_show', 2],
  ['a stay in another year', 500, 3, [], 'checked_in', 500],
  ['a check-out before the day of departure', -1, 4, ['checked_in'], 'checked_out', 3],
]
for (const [name, arrival, nights, steps, to, earliest] of tooEarly) {
  test(`${name} is refused with the day, and nothing changes`, async () => {
    const { id } = await book(localToday(arrival), nights)
    for (const status of steps) await moved(id, status)
    const before = must(200, await staff.get(`bookings/${id}`)).body
    const reply = must(409, await move(id, to, admin))
    assert.equal(codeOf(reply), 'STATUS_TOO_EARLY')
    const { today: _, ...meta } = reply.body.error.meta
    assert.deepEqual(meta, { from: before.status, to, earliest_on: localToday(earliest) })
    assert.deepEqual(must(200, await staff.get(`bookings/${id}`)).body, before)
  })
}

test('a guest who leaves early is checked out after the stay was shortened', async () => {
  const { id } = await book(localToday(-2), 7, { min_nights: 5, departure_weekdays: null })
  await moved(id, 'checked_in')
  assert.equal(codeOf(must(409, await move(id, 'checked_out'))), 'STATUS_TOO_EARLY')
  must(200, await manager.patch(`bookings/${id}`, { check_out: localToday() }))
  assert.equal((await moved(id, 'checked_out')).status, 'checked_out')
})

test('the days are those of the property, not of the agency', async () => {
  const zones = ['Pacific/Kiritimati', 'Etc/GMT+12']
  const outcomes: string[][] = []
  for (const time_zone of zones) {
    const day = (offset: number) =>
      new Date(Date.now() + (time_zone === 'Etc/GMT+12' ? -12 : 14) * 3_600_000 + offset * 86_400_000)
        .toISOString()
        .slice(0, 10)
    const [today, tomorrow] = [await book(day(0), 3, { time_zone }), await book(day(2), 3, { time_zone })]
    outcomes.push([(await moved(today.id, 'checked_in')).status, String(codeOf(await move(tomorrow.id, 'checked_in')))])
  }
  assert.deepEqual(outcomes, [
    ['checked_in', 'STATUS_TOO_EARLY'],
    ['checked_in', 'STATUS_TOO_EARLY'],
  ])
})

const undos: [from: string[], to: string, time: string][] = [
  [['checked_in'], 'confirmed', 'checked_in_at'],
  [['checked_in', 'checked_out'], 'checked_in', 'checked_out_at'],
  [['no_show'], 'confirmed', 'no_show_at'],
]
for (const [steps, to, time] of undos) {
  const last = steps.at(-1)
  test(`${last} is undone within two days by the office, with an audit entry`, async () => {
    const { id } = await book(localToday(-3))
    for (const status of steps) await moved(id, status)
    const refused = must(409, await move(id, to, staff))
    assert.equal(codeOf(refused), 'INVALID_STATUS_TRANSITION')
    await shiftTimes(id, 47)
    const body = await moved(id, to)
    assert.deepEqual([body.status, body[time]], [to, null])
    const { items } = must(200, await admin.get(`bookings/${id}/history`)).body
    const entry = items.at(-1)
    assert.deepEqual([entry.action, entry.before.status, entry.after.status], [`booking.${to}`, last, to])
    // The way forward is open again, and its time is that of the second try.
    assert.notEqual((await moved(id, String(last)))[time], null)
  })

  test(`${last} is not undone after two days, and the answer does not offer it`, async () => {
    const { id } = await book(localToday(-3))
    for (const status of steps) await moved(id, status)
    await shiftTimes(id, 49)
    const reply = must(409, await move(id, to, admin))
    assert.equal(codeOf(reply), 'INVALID_STATUS_TRANSITION')
    assert.ok(!reply.body.error.meta.allowed.includes(to), reply.text)
  })
}

test('undoing a no-show takes the nights again only if they and the buffer are free', async () => {
  const booking = await book(localToday(), 3, { buffer_days_after: 1 })
  const { id, property_id } = booking
  await moved(id, 'no_show')
  const other = must(201, await staff.post('bookings', stay(property_id, localToday(1), 1))).body
  const taken = must(409, await move(id, 'confirmed'))
  assert.equal(codeOf(taken), 'BOOKING_CONFLICT')
  assert.equal(taken.body.error.meta.conflict.check_in, localToday(1))
  must(200, await manager.patch(`bookings/${other.id}`, { check_in: localToday(3), check_out: localToday(4) }))
  const near = must(409, await move(id, 'confirmed'))
  assert.deepEqual([codeOf(near), near.body.error.meta.rule], ['BOOKING_RULE_BROKEN', 'buffer'])
  must(204, await manager.delete(`bookings/${other.id}`))
  await moved(id, 'confirmed')
  must(409, await staff.post('bookings', stay(property_id, localToday(1), 1)))
})

test('undoing a no-show does not ask the rules of sale again', async () => {
  const { id, property_id } = await book(localToday())
  await moved(id, 'no_show')
  must(200, await manager.patch(`properties/${property_id}`, { min_nights: 9, notice_days: 30 }))
  assert.equal((await moved(id, 'confirmed')).status, 'confirmed')
})
