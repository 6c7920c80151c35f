// Property test: /search lists exactly the properties that /availability/explain and POST /bookings accept.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { castProperties } from '../../../test/cast.ts'
import { cast, type Reply } from '../../../test/harness.ts'
import { dayAfter, localToday, must, newProperty, readAllPages, stay } from '../../../test/steps.ts'
import { localDay } from '../../core/time-zones.ts'
import { weekdays } from '../properties/schema.ts'

const { admin, manager, staff, owner, accountant, store } = await cast()
const today = localToday()
const num_properties = 36

const someDays = fc.option(fc.uniqueArray(fc.constantFrom(...weekdays), { minLength: 4, maxLength: 6 }), { freq: 2 })
const settings = fc
  .record({
    is_active: fc.integer({ min: 0, max: 9 }).map((n) => n > 0),
    max_guests: fc.integer({ min: 2, max: 4 }),
    nights: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 5, max: 9 })),
    buffer_days_before: fc.constantFrom(0, 0, 1, 3),
    buffer_days_after: fc.constantFrom(0, 0, 2, 30),
    arrival_weekdays: someDays,
    departure_weekdays: someDays,
    notice_days: fc.constantFrom(0, 0, 5, 12),
    booking_window_days: fc.constantFrom(null, null, 20, 30),
    time_zone: fc.constantFrom(null, 'Pacific/Kiritimati', 'Pacific/Pago_Pago'),
  })
  .map(({ nights: [min_nights, max_nights], ...rules }) => ({ ...rules, min_nights, max_nights }))
const occupant = fc.tuple(
  fc.constantFrom('booking', 'booking', 'block', 'hold', 'expired hold'),
  fc.integer({ min: 1, max: 40 }),
  fc.integer({ min: 1, max: 6 }),
)
const homes = fc.sample(fc.tuple(settings, fc.array(occupant, { maxLength: 3 })), { seed: 11, numRuns: num_properties })

async function occupy(property_id: string, [kind, start, nights]: (typeof homes)[number][1][number]): Promise<void> {
  const [from, to] = [dayAfter(today, start), dayAfter(today, start + nights)]
  if (kind === 'booking') await manager.post('bookings', stay(property_id, from, nights))
  if (kind === 'block')
    await manager.post('availability/blocks', { property_id, start_date: from, end_date: to, reason: 'other' })
  if (!kind.endsWith('hold')) return
  const hold = await admin.post('holds', { property_id, check_in: from, check_out: to })
  if (hold.status !== 201 || kind === 'hold') return
  await store.owner.query("update holds set expires_at = now() - interval '1 second' where id = $1", [hold.body.id])
  await store.owner.query("update occupancies set expires_at = now() - interval '1 second' where hold_id = $1", [
    hold.body.id,
  ])
}

const ids: string[] = Object.values(castProperties)
  .filter(({ name }) => name !== 'Beach Villa')
  .map(({ id }) => id)
for (const [n, [rules, occupants]] of homes.entries()) {
  const property_id = await newProperty(manager, { name: `Home ${n}`, max_guests: rules.max_guests })
  for (const one of occupants) await occupy(property_id, one)
  // Rules that no stay can keep are refused.
  await admin.patch(`properties/${property_id}`, rules)
  ids.push(property_id)
}

const explain = async (property_id: string, check_in: string, check_out: string): Promise<Reply['body']> => {
  const query = `property_id=${property_id}&check_in=${check_in}&check_out=${check_out}`
  return must(200, await staff.get(`availability/explain?${query}`)).body
}
const isBookable = async (property_id: string, check_in: string, check_out: string) =>
  (await explain(property_id, check_in, check_out)).is_bookable === true

const zoneOf = async (id: string): Promise<string> =>
  must(200, await staff.get(`properties/${id}`)).body.time_zone ?? 'Europe/Berlin'

const stays = fc.sample(fc.tuple(fc.integer({ min: 0, max: 34 }), fc.integer({ min: 1, max: 8 })), {
  seed: 5,
  numRuns: 10,
})
const idsOf = (items: readonly Reply['body'][]) => items.map(({ id }) => id as string)

test('for any rules and occupancies, the search and explain give the same result', async () => {
  const reasons = new Set<string>()
  for (const [start, nights] of stays) {
    const [check_in, check_out] = [dayAfter(today, start), dayAfter(today, start + nights)]
    const found = new Set(
      idsOf(await readAllPages(staff, `search?check_in=${check_in}&check_out=${check_out}&limit=7`)),
    )
    for (const id of ids) {
      const { is_bookable, rule } = await explain(id, check_in, check_out)
      assert.equal(found.has(id), is_bookable, `${id} from ${check_in} to ${check_out}: ${rule}`)
      reasons.add(rule ?? 'bookable')
    }
    assert.ok([...found].every((id) => ids.includes(id)))
  }
  assert.equal(reasons.size, 10, [...reasons].join())
})

/** The nearest dates before and after the stay that explain accepts, from the local day of the property on. */
async function nearestDates(id: string, [start, nights]: readonly [number, number]): Promise<object[]> {
  const local_today = localDay(new Date().toISOString(), await zoneOf(id))
  const nearest: { days: number; check_in: string; check_out: string }[] = []
  for (const side of [-1, 1]) {
    for (let days = 1; days <= 14; days += 1) {
      const check_in = dayAfter(today, start + side * days)
      const check_out = dayAfter(check_in, nights)
      if (check_in < local_today || !(await isBookable(id, check_in, check_out))) continue
      nearest.push({ days, check_in, check_out })
      break
    }
  }
  return nearest.sort((a, b) => a.days - b.days).map(({ check_in, check_out }) => ({ check_in, check_out }))
}

test('other dates are the nearest that explain accepts before and after, and never past', async () => {
  let num_dates = 0
  for (const [start, nights] of stays.slice(0, 2)) {
    const [check_in, check_out] = [dayAfter(today, start), dayAfter(today, start + nights)]
    const path = `search?check_in=${check_in}&check_out=${check_out}&nearby=true&limit=100`
    const { items, nearby, next_cursor } = must(200, await staff.get(path)).body
    assert.equal(next_cursor, null)
    const offered = new Map(nearby.map((one: Reply['body']) => [one.id, one.dates]))
    for (const id of ids) {
      const is_free = await isBookable(id, check_in, check_out)
      assert.equal(idsOf(items).includes(id), is_free)
      const expected = is_free ? [] : await nearestDates(id, [start, nights])
      assert.deepEqual(offered.get(id) ?? [], expected, id)
      num_dates += expected.length
    }
  }
  assert.ok(num_dates > 10, `${num_dates} dates`)
})

test('owners and accountants get what explain accepts for the properties they may see', async () => {
  const query = `check_in=${dayAfter(today, 3)}&check_out=${dayAfter(today, 6)}`
  const all = await readAllPages(staff, `search?${query}`)
  assert.deepEqual(idsOf(await readAllPages(owner, `search?${query}`)), [castProperties.lake.id])
  const seen = await readAllPages(accountant, `search?${query}`)
  assert.deepEqual(idsOf(seen), idsOf(all))
  assert.deepEqual([...new Set(seen.flatMap(Object.keys))], ['id', 'name'])
})

test('every property found can be booked at that moment, every other one is refused', async () => {
  const counts = { booked: 0, refused: 0 }
  for (const [n, [start, nights]] of stays.slice(2, 4).entries()) {
    const guests = 3 + n
    const [check_in, check_out] = [dayAfter(today, start), dayAfter(today, start + nights)]
    const query = `check_in=${check_in}&check_out=${check_out}&guests=${guests}`
    const found = idsOf(await readAllPages(staff, `search?${query}`))
    for (const property_id of ids) {
      const reply = await staff.post('bookings', stay(property_id, check_in, nights, { num_adults: guests }))
      const is_found = found.includes(property_id)
      assert.ok(is_found ? reply.status === 201 : [409, 422].includes(reply.status), `${is_found} ${reply.text}`)
      counts[is_found ? 'booked' : 'refused'] += 1
    }
  }
  assert.ok(counts.booked > 5 && counts.refused > 5, JSON.stringify(counts))
})
