// The address of the calendar, and its zoom.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { freeNights, nextZoom } from './search.ts'

test('zooming stays at the closest and at the widest zoom', () => {
  assert.deepEqual(
    ([undefined, 'fortnight', 'week'] as const).map((zoom) => [nextZoom(zoom, 'wider'), nextZoom(zoom, 'closer')]),
    [
      [undefined, 'fortnight'],
      ['month', 'week'],
      ['fortnight', undefined],
    ],
  )
})

test('dates that are typed filter when they are complete', () => {
  const none = { free_from: undefined, free_to: undefined }
  const cases = [
    [{ from: '', to: '2027-03-05' }, 'from', none],
    [{ from: '0002-03-01', to: '' }, 'from', undefined],
    [{ from: '12027-03-01', to: '' }, 'from', undefined],
    [{ from: '2027-02-27', to: '' }, 'from', { free_from: '2027-02-27', free_to: '2027-03-06' }],
    [{ from: '2027-03-01', to: '2027-03-01' }, 'from', { free_from: '2027-03-01', free_to: '2027-03-08' }],
    [{ from: '2027-03-01', to: '2027-03-05' }, 'from', { free_from: '2027-03-01', free_to: '2027-03-05' }],
    [{ from: '2027-03-01', to: '0020-03-05' }, 'to', undefined],
    [{ from: '2027-03-01', to: '2027-02-05' }, 'to', undefined],
    [{ from: '2027-03-01', to: '2027-03-02' }, 'to', { free_from: '2027-03-01', free_to: '2027-03-02' }],
  ] as const
  for (const [draft, changed, nights] of cases) assert.deepEqual(freeNights(draft, changed), nights, draft.from)
})
