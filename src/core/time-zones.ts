// Time zones by their IANA names, and the local day in a zone.
import { invalid } from './errors.ts'
import { timeZoneNames } from './time-zone-names.ts'

/** By the name in lower case. `supportedValuesOf` has names that are newer than our list. */
const known = new Map(
  [...Intl.supportedValuesOf('timeZone'), ...timeZoneNames].map((name) => [name.toLowerCase(), name]),
)

/**
 * The name as the IANA database spells it. Every zone and link is accepted, old and new names, in any case; other names that
 * Intl or PostgreSQL know (abbreviations such as IST, offsets) are not. Throws ValidationError.
 */
export function requireTimeZone(name: string, pointer = '/time_zone'): string {
  const found = known.get(name.toLowerCase())
  if (found === undefined) throw invalid(pointer, 'must be an IANA time zone: Europe/Berlin')
  return found
}

const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(time_zone: string): Intl.DateTimeFormat {
  const format = formats.get(time_zone) ?? new Intl.DateTimeFormat('en-CA', { timeZone: time_zone, ...digits })
  formats.set(time_zone, format)
  return format
}

const digits = {
  calendar: 'gregory',
  numberingSystem: 'latn',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
} as const

/**
 * The day (YYYY-MM-DD) in the zone at this instant (RFC 3339). Node computes it and not PostgreSQL, because which names a server
 * knows depends on its packages: Debian has the old names in a package of their own. The zone must be an accepted one.
 */
export function localDay(instant: string, time_zone: string): string {
  const parts = formatOf(time_zone).formatToParts(new Date(instant))
  const partOf = (type: string) => parts.find((part) => part.type === type)?.value
  return `${partOf('year')}-${partOf('month')}-${partOf('day')}`
}
