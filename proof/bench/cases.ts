// The benchmark cases: one API call each, sent to the service, the baseline and PostgreSQL alone.
import { randomUUID } from 'node:crypto'
import { rawRequest } from '../scorecard/load/plan.ts'
import { baselinePropertyId } from './baseline-ids.ts'
import { bookingId, emailOf, first_day, free_from, password, propertyId, type Volume } from './data.ts'

export interface Case {
  readonly id: string
  readonly title: string
  /** The expected status of every answer. */
  readonly status: number
  readonly code?: string
  /** The i-th request to the service, from 0. */
  readonly request: (dataset: Dataset, i: number) => string
  /** No request is sent twice: each needs unused nights or a new key. */
  readonly is_fresh?: true
  /** The nearest call of the baseline; `note` describes a difference. */
  readonly baseline?: {
    readonly status: number
    readonly note?: string
    readonly request: (dataset: Dataset, i: number) => string
  }
  /** SQL for the first night in the pgbench script (ScriptOptions.day); undefined: no pgbench script. */
  readonly day?: string
  /** A mix of other cases: how many of ten requests belong to each. */
  readonly mix?: Readonly<Record<string, number>>
}

/** The data that requests refer to. */
export interface Dataset {
  readonly volume: Volume
  /** Bearer tokens of the agencies, from agency 1. */
  readonly tokens: readonly string[]
  readonly baseline_tokens: readonly string[]
  /** Ids of the bookings of the baseline, by agency; empty when it does not run. */
  readonly baseline_bookings: readonly (readonly string[])[]
}

/** Request i rotates through all agencies, then all properties, then nights. */
export function placeOf({ agencies, properties, bookings }: Volume, i: number) {
  const round = Math.floor(i / agencies)
  return {
    agency: (i % agencies) + 1,
    property: (round % properties) + 1,
    night: Math.floor(round / properties),
    stay: ((i + 37 * round) % bookings) + 1,
    any: i % 300,
  }
}

export function dayAfter(day: string, days: number): string {
  return new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10)
}

type Place = ReturnType<typeof placeOf>

function ofService(
  method: string,
  path: (place: Place) => string,
  body?: (place: Place, i: number) => object,
  more?: () => object,
) {
  return ({ volume, tokens }: Dataset, i: number) => {
    const place = placeOf(volume, i)
    return rawRequest(method, `/api/v1/${path(place)}`, tokens[place.agency - 1], body?.(place, i), more?.())
  }
}

/** The baseline always has 50 agencies with 40 properties of 100 stays each. */
const baseline_volume: Volume = { agencies: 50, properties: 40, bookings: 100 }

function ofBaseline(
  method: string,
  path: string,
  body?: (place: Place, i: number) => object,
  more?: () => Record<string, string>,
) {
  return ({ baseline_tokens }: Dataset, i: number) => {
    const place = placeOf(baseline_volume, i)
    return rawRequest(method, `/api/v1/${path}`, baseline_tokens[place.agency - 1], body?.(place, i), more?.())
  }
}

/** Its bookings have random ids. */
function getOfBaseline({ baseline_tokens, baseline_bookings }: Dataset, i: number): string {
  const { agency, property, stay } = placeOf(baseline_volume, i)
  const id = baseline_bookings[agency - 1]?.[(property - 1) * baseline_volume.bookings + stay - 1]
  return rawRequest('GET', `/api/v1/bookings/${id}`, baseline_tokens[agency - 1])
}

const freeNight = ({ agency, property, night }: Place) => ({
  property_id: propertyId(agency, property),
  check_in: dayAfter(free_from.service, night),
  check_out: dayAfter(free_from.service, night + 1),
  num_adults: 2,
})
const baselineNight = ({ property, night }: Place, i: number) => ({
  property_id: baselinePropertyId(property),
  guest_name: `Guest ${i}`,
  check_in: dayAfter(free_from.service, night),
  check_out: dayAfter(free_from.service, night + 1),
  total_cents: 15_000,
})
const occupiedNights = ({ stay }: Place) => ({
  check_in: dayAfter(first_day, stay * 5),
  check_out: dayAfter(first_day, stay * 5 + 4),
})

const query_from = '2026-03-01'
const in_2026 = `date '${query_from}' + :any`
const free_night = `date '${free_from.pgbench}' + :night`
const baselineCreate = { status: 201, request: ofBaseline('POST', 'bookings', baselineNight) }
const newKey = () => ({ 'idempotency-key': randomUUID() })
const create = ofService('POST', () => 'bookings', freeNight)
const list = ofService('GET', () => 'bookings?limit=20')
const get = ofService('GET', ({ agency, property, stay }) => `bookings/${bookingId(agency, property, stay)}`)
const baseline_list = ofBaseline('GET', 'bookings?limit=20')

const mixed = { list: 5, get: 3, create: 2 }
/** Five requests of the first case, three of the second and two of the third. */
const mixOf = (one: typeof list, two: typeof list, three: typeof list) => (dataset: Dataset, i: number) =>
  [one, two, three, one, one, two, three, one, one, two][i % 10]?.(dataset, i) ?? ''

export const cases: readonly Case[] = [
  {
    id: 'list',
    title: 'list 20 bookings',
    status: 200,
    request: list,
    baseline: { status: 200, request: baseline_list },
    day: in_2026,
  },
  {
    id: 'get',
    title: 'get one booking',
    status: 200,
    request: get,
    baseline: { status: 200, request: getOfBaseline },
    day: in_2026,
  },
  {
    id: 'overview',
    title: 'availability overview, 40 properties x 60 days',
    status: 200,
    request: ofService(
      'GET',
      ({ any }) => `availability/overview?from=${dayAfter(query_from, any)}&to=${dayAfter(query_from, any + 60)}`,
    ),
    day: in_2026,
  },
  {
    id: 'explain',
    title: 'availability explain, one stay',
    status: 200,
    request: ofService('GET', ({ agency, property, any }) => {
      const nights = `check_in=${dayAfter(query_from, any)}&check_out=${dayAfter(query_from, any + 3)}`
      return `availability/explain?property_id=${propertyId(agency, property)}&${nights}`
    }),
    day: in_2026,
  },
  {
    id: 'create',
    title: 'create booking',
    status: 201,
    request: create,
    is_fresh: true,
    baseline: { ...baselineCreate, note: 'the comparison inserts one row: no ledger, no audit' },
    day: free_night,
  },
  {
    id: 'create-guest',
    title: 'create booking with a new guest',
    status: 201,
    request: ofService(
      'POST',
      () => 'bookings',
      (place, i) => ({
        ...freeNight(place),
        guest: { first_name: 'Guest', last_name: 'New', email: `new-${String(i).padStart(9, '0')}@example.com` },
      }),
    ),
    is_fresh: true,
    baseline: { ...baselineCreate, note: 'the comparison has no guests table: the name is a column of the booking' },
    day: free_night,
  },
  {
    id: 'create-key',
    title: 'create booking with Idempotency-Key',
    status: 201,
    request: ofService('POST', () => 'bookings', freeNight, newKey),
    is_fresh: true,
    baseline: {
      status: 201,
      request: ofBaseline('POST', 'careful-bookings', baselineNight, newKey),
      note: 'the comparison looks the property up and writes ledger, audit, outbox and key in one transaction',
    },
    day: free_night,
  },
  {
    id: 'conflict',
    title: 'create booking on occupied nights',
    status: 409,
    code: 'BOOKING_CONFLICT',
    request: ofService(
      'POST',
      () => 'bookings',
      (place) => ({ ...freeNight(place), ...occupiedNights(place) }),
    ),
    baseline: {
      status: 409,
      request: ofBaseline('POST', 'bookings', (place, i) => ({ ...baselineNight(place, i), ...occupiedNights(place) })),
    },
    day: `date '${first_day}' + :stay * 5`,
  },
  {
    id: 'mixed',
    title: 'mixed load: 5 lists, 3 gets, 2 creates of ten',
    status: 200,
    request: mixOf(list, get, create),
    is_fresh: true,
    baseline: { status: 200, request: mixOf(baseline_list, getOfBaseline, baselineCreate.request) },
    mix: mixed,
  },
  {
    id: 'sign-in',
    title: 'sign in (argon2id, 19 MiB)',
    status: 200,
    request: ({ volume }, i) => {
      const { agency } = placeOf(volume, i)
      return rawRequest('POST', '/api/v1/auth/login', undefined, { email: emailOf(agency), password })
    },
  },
]

/** The first request index that is reserved for recording case `index`; measured requests start after the last case. */
export function firstIndexOf({ agencies }: Volume, index: number = cases.length): number {
  return index * 60 * agencies
}
