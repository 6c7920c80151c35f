// Tests reading points in time.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseInstant } from './instants.ts'

test('a time is read in every form of RFC 3339 and returned in UTC', () => {
  const cases = [
    ['2027-07-01T14:00:00Z', '2027-07-01T14:00:00.000000Z'],
    ['2027-07-01t14:00:00z', '2027-07-01T14:00:00.000000Z'],
    ['2027-07-01 14:00:00Z', '2027-07-01T14:00:00.000000Z'],
    ['2027-07-01T14:00:00+02:00', '2027-07-01T12:00:00.000000Z'],
    ['2027-07-01T14:00:00+0200', '2027-07-01T12:00:00.000000Z'],
    ['2027-07-01T14:00:00-09', '2027-07-01T23:00:00.000000Z'],
    ['2027-07-01T14:00:00-00:00', '2027-07-01T14:00:00.000000Z'],
    ['2027-07-01T00:00:00+23:59', '2027-06-30T00:01:00.000000Z'],
    ['2027-07-01T14:00:00.1Z', '2027-07-01T14:00:00.100000Z'],
    ['2027-07-01T14:00:00.123456789Z', '2027-07-01T14:00:00.123456Z'],
    ['2028-02-29T23:59:59.999999Z', '2028-02-29T23:59:59.999999Z'],
  ] as const
  for (const [text, expected] of cases) assert.equal(parseInstant(text, '/at'), expected, text)
})

test('a time that does not exist or is not complete is refused with its pointer', () => {
  const dates = ['2027-02-29T00:00:00Z', '2027-02-30T00:00:00Z', '2027-04-31T00:00:00Z', '2027-13-01T00:00:00Z']
  const times = [
    '2026-12-31T23:59:60Z',
    '2027-01-01T24:00:00Z',
    '2027-01-01T23:60:00Z',
    '2027-01-01T10:00Z',
    '2027-01-01T10:00:00',
  ]
  const others = [
    '',
    '2027-01-01',
    'now',
    '1',
    '0000-01-01T00:00:00Z',
    '12027-01-01T00:00:00Z',
    '2027-01-01T10:00:00+24:00',
  ]
  for (const text of [...dates, ...times, ...others]) {
    assert.throws(
      () => parseInstant(text, '/at'),
      {
        details: [{ pointer: '/at', code: 'INVALID' }].map((one) => ({
          ...one,
          message: 'must be a time that exists, in RFC 3339: 2027-07-01T14:00:00Z',
        })),
      },
      text,
    )
  }
})
