// The buttons of the console are the transitions that the API documents.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { isTooEarly, isTooLate, type Step, steps } from './next-statuses.ts'

const document = JSON.parse(readFileSync(join(import.meta.dirname, '../../../../docs/openapi.json'), 'utf8'))
const description: string = document.paths['/api/v1/bookings/{id}/status'].patch.description

test('the transitions and their roles are those of the API', () => {
  const rows = [...description.matchAll(/^\| (\w+) \| (\w+) \| ([\w, ]+?) \| /gm)].filter(([, from]) => from !== 'from')
  const documented = rows.map(([, from, to, roles]) => `${from} -> ${to}: ${roles}`)
  const ours = Object.entries(steps).flatMap(([from, list]) =>
    list.map(({ to, roles }) => `${from} -> ${to}: ${roles.join(', ')}`),
  )
  assert.ok(documented.length > 10)
  assert.deepEqual(ours.sort(), documented.sort())
})

test('check-in and no-show begin on the day of arrival, check-out on the day of departure', () => {
  const stay = { check_in: '2027-05-01', check_out: '2027-05-08' }
  const cases = [
    ['checked_in', '2027-04-30', true],
    ['checked_in', '2027-05-01', false],
    ['no_show', '2027-04-30', true],
    ['checked_out', '2027-05-07', true],
    ['checked_out', '2027-05-08', false],
    ['cancelled', '2027-01-01', false],
  ] as const
  for (const [to, today, expected] of cases) assert.equal(isTooEarly(to, stay, today), expected, `${to} ${today}`)
})

test('a step can be taken back for 48 hours, a cancellation also later', () => {
  const now = Date.parse('2027-05-10T12:00:00Z')
  const back: Step = { to: 'confirmed', roles: [], is_undo: true }
  const cases = [
    [back, { status: 'checked_in', checked_in_at: '2027-05-08T12:00:00Z' }, false],
    [back, { status: 'checked_in', checked_in_at: '2027-05-08T11:59:59Z' }, true],
    [back, { status: 'no_show', no_show_at: '2027-05-01T12:00:00Z' }, true],
    [back, { status: 'cancelled', checked_in_at: '2027-01-01T12:00:00Z' }, false],
    [{ to: 'checked_out', roles: [] }, { status: 'checked_in', checked_in_at: '2027-05-01T12:00:00Z' }, false],
  ] as const
  for (const [step, booking, expected] of cases) assert.equal(isTooLate(step, booking, now), expected)
})
