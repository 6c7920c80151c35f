// Reads points in time and days of requests.
import { invalid } from './errors.ts'

const rfc_3339 =
  /^([12]\d{3}-\d\d-\d\d)[Tt ]([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d+))?([Zz]|[+-](?:[01]\d|2[0-3])(?::?[0-5]\d)?)$/

/**
 * The time in UTC as PostgreSQL reads it, rounded down to the microsecond: what is not rounded up is found by `>=`. Throws
 * ValidationError for a time that does not exist, for a leap second, and outside of the years 1000 to 2999.
 */
export function parseInstant(text: string, pointer: string): string {
  const [, day = '', hour, minute, second = '', fraction = '', offset = ''] = rfc_3339.exec(text) ?? []
  if (!isDay(day)) throw invalid(pointer, 'must be a time that exists, in RFC 3339: 2027-07-01T14:00:00Z')
  const time = Date.parse(`${day}T${hour}:${minute}:${second}${fullOffset(offset)}`)
  return `${new Date(time).toISOString().slice(0, 19)}.${fraction.padEnd(6, '0').slice(0, 6)}Z`
}

/**
 * An existing date YYYY-MM-DD in the years 1 to 9999. PostgreSQL has no year 0; Date.parse alone counts the 30th of February as
 * the 2nd of March.
 */
export function isDay(text: string): boolean {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : Number.NaN
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text) && text > '0001'
}

/** Z, or with hours and minutes: ISO 8601 also allows +02 and +0200. */
function fullOffset(offset: string): string {
  if (/^z$/i.test(offset)) return 'Z'
  return `${offset.slice(0, 3)}:${offset.slice(3).replace(':', '') || '00'}`
}
