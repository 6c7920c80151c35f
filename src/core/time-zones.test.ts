// Tests the names of time zones and the local day.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { timeZoneNames } from './time-zone-names.ts'
import { localDay, requireTimeZone } from './time-zones.ts'

test('every name of the IANA database is accepted, old and new ones, and has a local day', () => {
  assert.equal(timeZoneNames.length, 597)
  assert.equal(new Set(timeZoneNames).size, timeZoneNames.length)
  for (const name of [...timeZoneNames, ...Intl.supportedValuesOf('timeZone')]) {
    assert.equal(requireTimeZone(name), name)
    assert.match(localDay('2027-07-01T12:00:00Z', name), /^2027-(06-30|07-0[12])$/, name)
  }
})

test('a name is stored as the IANA database spells it', () => {
  const cases = [
    ['europe/kyiv', 'Europe/Kyiv'],
    ['Europe/Kiev', 'Europe/Kiev'],
    ['us/eastern', 'US/Eastern'],
    ['asia/calcutta', 'Asia/Calcutta'],
    ['utc', 'UTC'],
    ['etc/gmt+5', 'Etc/GMT+5'],
    ['gmt0', 'GMT0'],
  ] as const
  for (const [given, stored] of cases) assert.equal(requireTimeZone(given), stored)
})

test('a name that is not of the IANA database is refused', () => {
  const names = ['', 'Mars/Olympus', 'IST', 'PST', 'SystemV/PST8PDT', '+05:00', 'GMT+5', 'UTC+1', 'Berlin', 'Factory']
  for (const name of [...names, 'localtime', ' Europe/Berlin', 'Europe/Berlin\n', 'constructor']) {
    assert.throws(() => requireTimeZone(name), { code: 'VALIDATION_ERROR' }, name)
  }
})

test('the local day follows the zone, its clock changes and its rules in the past', () => {
  const cases = [
    ['2027-03-27T23:30:00Z', 'Europe/Berlin', '2027-03-28'],
    ['2027-03-27T22:30:00Z', 'Europe/Berlin', '2027-03-27'],
    ['2027-07-01T22:30:00Z', 'Europe/Berlin', '2027-07-02'],
    ['2027-07-01T17:00:00Z', 'Asia/Makassar', '2027-07-02'],
    ['2027-07-01T03:59:00Z', 'US/Eastern', '2027-06-30'],
    ['2027-07-01T10:00:00Z', 'Pacific/Kiritimati', '2027-07-02'],
    ['2027-07-01T11:59:00Z', 'Etc/GMT+12', '2027-06-30'],
    ['2011-12-30T09:59:00Z', 'Pacific/Apia', '2011-12-29'],
    ['2011-12-30T10:00:00Z', 'Pacific/Apia', '2011-12-31'],
  ] as const
  for (const [instant, zone, day] of cases) assert.equal(localDay(instant, zone), day, zone)
})
