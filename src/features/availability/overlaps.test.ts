// Tests what BOOKING_CONFLICT says of the bookings, blocks and holds that have the nights.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { castProperties } from '../../../test/cast.ts'
import { castPerTest, type Reply } from '../../../test/harness.ts'
import { codeOf, dayAfter, must, newProperty, stay } from '../../../test/steps.ts'
import { type Overlap, overlapMessage } from './overlaps.ts'

const { manager, staff, owner } = await castPerTest()

const block = (property_id: string, start_date: string, nights: number) => {
  return { property_id, start_date, end_date: dayAfter(start_date, nights), reason: 'other' }
}

/** The body of a hold of two nights. */
const twoNights = (property_id: string, check_in: string) => {
  return { property_id, check_in, check_out: dayAfter(check_in, 2) }
}

async function book(property_id: string, check_in: string, nights = 3, more: object = {}): Promise<Reply['body']> {
  return must(201, await manager.post('bookings', stay(property_id, check_in, nights, more))).body
}

/** The message and meta.conflicts of the refusal. */
function refusal(reply: Reply): { message: string; conflicts: Overlap[] } {
  assert.equal(codeOf(must(409, reply)), 'BOOKING_CONFLICT')
  const { message, meta } = reply.body.error
  return { message, conflicts: meta.conflicts }
}

test('every change that needs taken nights is refused with the booking that has them', async () => {
  const [home, other] = [await newProperty(manager), await newProperty(manager)]
  const { id, reference, check_in, check_out } = await book(home, '2031-05-10')
  const inquiry = await book(home, '2031-05-11', 3, { status: 'inquiry' })
  const before = await book(home, '2031-05-07')
  const elsewhere = await book(other, '2031-05-09', 4)
  const cancelled = await book(other, '2031-06-10')
  must(200, await manager.patch(`bookings/${cancelled.id}/status`, { status: 'cancelled' }))
  const second = await book(other, '2031-06-10')
  const blocked = must(201, await manager.post('availability/blocks', block(home, '2031-05-13', 2))).body
  const of_first = { kind: 'booking', id, reference, check_in, check_out }
  const refused: Record<string, Reply> = {
    create: await staff.post('bookings', stay(home, '2031-05-12', 1)),
    hold: await staff.post('holds', { property_id: home, check_in, check_out }),
    block: await manager.post('availability/blocks', block(home, '2031-05-12', 1)),
    'longer block': await manager.patch(`availability/blocks/${blocked.id}`, { start_date: '2031-05-12' }),
    confirm: await manager.patch(`bookings/${inquiry.id}/status`, { status: 'pending' }),
    extend: await manager.patch(`bookings/${before.id}`, { check_out: '2031-05-11' }),
    move: await manager.patch(`bookings/${elsewhere.id}`, { property_id: home, check_in: '2031-05-10' }),
    split: await manager.post(`bookings/${elsewhere.id}/split`, { property_id: home, check_in: '2031-05-11' }),
  }
  for (const [name, reply] of Object.entries(refused)) {
    const { message, conflicts } = refusal(reply)
    const found = conflicts.filter(({ kind }) => kind === 'booking')
    assert.deepEqual(found, [of_first], name)
    assert.ok(message.includes(`booking ${reference} (2031-05-10 to 2031-05-13)`), `${name}: ${message}`)
  }
  const reinstated = await manager.patch(`bookings/${cancelled.id}/status`, { status: 'confirmed' })
  assert.equal(refusal(reinstated).conflicts[0]?.id, second.id)
})

test('bookings, blocks and holds in the way are listed by first night, at most five', async () => {
  const property_id = await newProperty(manager)
  const first = await book(property_id, '2031-05-10', 2)
  const hold = must(201, await staff.post('holds', twoNights(property_id, '2031-05-12'))).body
  const { id } = must(201, await manager.post('availability/blocks', block(property_id, '2031-05-14', 2))).body
  const { message, conflicts } = refusal(await staff.post('bookings', stay(property_id, '2031-05-01', 60)))
  assert.deepEqual(conflicts, [
    { kind: 'booking', id: first.id, reference: first.reference, check_in: '2031-05-10', check_out: '2031-05-12' },
    { kind: 'hold', id: hold.id, check_in: '2031-05-12', check_out: '2031-05-14' },
    { kind: 'block', id, check_in: '2031-05-14', check_out: '2031-05-16' },
  ])
  const named = `booking ${first.reference} (2031-05-10 to 2031-05-12), a hold (2031-05-12 to 2031-05-14)`
  assert.equal(message, `These nights are taken by ${named} and a block (2031-05-14 to 2031-05-16).`)
  for (const day of ['2031-05-16', '2031-05-18', '2031-05-20']) await book(property_id, day, 2)
  const many = refusal(await staff.post('bookings', stay(property_id, '2031-05-01', 60)))
  assert.deepEqual([many.conflicts.length, many.conflicts.at(-1)?.check_in], [5, '2031-05-18'])
  assert.match(many.message, / and others\.$/)
})

test('an owner learns which booking has the nights, and of a hold only the dates', async () => {
  const property_id = castProperties.lake.id
  const { id, reference } = await book(property_id, '2031-05-10', 2)
  must(201, await staff.post('holds', twoNights(property_id, '2031-05-12')))
  const { conflicts } = refusal(await owner.post('availability/blocks', block(property_id, '2031-05-11', 3)))
  assert.deepEqual(conflicts, [
    { kind: 'booking', id, reference, check_in: '2031-05-10', check_out: '2031-05-12' },
    { kind: 'hold', check_in: '2031-05-12', check_out: '2031-05-14' },
  ])
})

test('a booking that is extended is not named as its own conflict', async () => {
  const property_id = await newProperty(manager)
  const own = await book(property_id, '2031-05-10')
  const taken = await book(property_id, '2031-05-13')
  const { conflicts } = refusal(await manager.patch(`bookings/${own.id}`, { check_out: '2031-05-14' }))
  assert.deepEqual(
    conflicts.map(({ id }) => id),
    [taken.id],
  )
})

test('a message names what may be named, and only the kind of the rest', () => {
  const dates = { check_in: '2031-05-10', check_out: '2031-05-13' }
  const booking: Overlap = { kind: 'booking', reference: 'ABC123', ...dates }
  const cases: [Overlap[], string][] = [
    [[booking], 'booking ABC123 (2031-05-10 to 2031-05-13).'],
    [[{ kind: 'booking', ...dates }], 'a booking (2031-05-10 to 2031-05-13).'],
    [[{ kind: 'block', ...dates }], 'a block (2031-05-10 to 2031-05-13).'],
  ]
  for (const [overlaps, end] of cases) {
    assert.equal(overlapMessage(overlaps, false), `These nights are taken by ${end}`)
  }
})
