// What is measured: each case is one call, asked of the service, of the comparison service and of PostgreSQL alone.
import { randomUUID } from 'node:crypto'
import { rawRequest } from '../scorecard/load/plan.ts'
import { peerPropertyId } from './baseline-ids.ts'
import { bookingId, emailOf, first_day, free_from, password, propertyId, type Volume } from './data.ts'

export interface Case {
  readonly id: string
  readonly title: string
  /** What every answer has to be. */
  readonly status: number
  readonly code?: string
  /** The i-th request of the service, from 0. */
  readonly request: (ground: Ground, i: number) => string
  /** No request is ever sent twice: each takes nights or a key of its own. */
  readonly is_fresh?: true
  /** The nearest that the comparison service has; `note` where that is not the same. */
  readonly peer?: {
    readonly status: number
    readonly note?: string
    readonly request: (ground: Ground, i: number) => string
  }
  /** The first night as pgbench draws it (ScriptOptions.day); undefined: not a call whose work is PostgreSQL's. */
  readonly day?: string
  /** Instead of a call of its own: other cases, and how many of ten requests each is. */
  readonly mix?: Readonly<Record<string, number>>
}

/** What requests are made of. */
export interface Ground {
  readonly volume: Volume
  /** Of the agencies in order, from 1. */
  readonly tokens: readonly string[]
  readonly peer_tokens: readonly string[]
}

/** The i-th request goes to the next agency, after a round of them to the next home, after all homes to the next night. */
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
  return ({ volume, tokens }: Ground, i: number) => {
    const place = placeOf(volume, i)
    return rawRequest(method, `/api/v1/${path(place)}`, tokens[place.agency - 1], body?.(place, i), more?.())
  }
}

/** It has 50 agencies of 40 properties with 100 stays each, whatever the volume here. */
const peer_volume: Volume = { agencies: 50, properties: 40, bookings: 100 }

function ofPeer(method: string, path: string, body?: (place: Place, i: number) => object) {
  return ({ peer_tokens }: Ground, i: number) => {
    const place = placeOf(peer_volume, i)
    return rawRequest(method, `/api/v1/${path}`, peer_tokens[place.agency - 1], body?.(place, i))
  }
}

const freeNight = ({ agency, property, night }: Place) => ({
  property_id: propertyId(agency, property),
  check_in: dayAfter(free_from.service, night),
  check_out: dayAfter(free_from.service, night + 1),
  num_adults: 2,
})
const peerNight = ({ property, night }: Place, i: number) => ({
  property_id: peerPropertyId(property),
  guest_name: `Guest ${i}`,
  check_in: dayAfter(free_from.service, night),
  check_out: dayAfter(free_from.service, night + 1),
  total_cents: 15_000,
})
const takenFrom = ({ stay }: Place) => ({
  check_in: dayAfter(first_day, stay * 5),
  check_out: dayAfter(first_day, stay * 5 + 4),
})

const drawn_from = '2026-03-01'
const in_2026 = `date '${drawn_from}' + :any`
const free_night = `date '${free_from.pgbench}' + :night`
const peerCreate = { status: 201, request: ofPeer('POST', 'bookings', peerNight) }
const create = ofService('POST', () => 'bookings', freeNight)
const list = ofService('GET', () => 'bookings?limit=20')
const get = ofService('GET', ({ agency, property, stay }) => `bookings/${bookingId(agency, property, stay)}`)
const peer_list = ofPeer('GET', 'bookings?limit=20')
const peer_get = ofPeer('GET', 'bookings?limit=1')

/** Five lists, three reads by id, two bookings. */
const mixed = { list: 5, get: 3, create: 2 }
const turnsOf = (one: typeof list, two: typeof list, three: typeof list) => (ground: Ground, i: number) =>
  [one, two, three, one, one, two, three, one, one, two][i % 10]?.(ground, i) ?? ''

export const cases: readonly Case[] = [
  {
    id: 'list',
    title: 'list 20 bookings',
    status: 200,
    request: list,
    peer: { status: 200, request: peer_list },
    day: in_2026,
  },
  {
    id: 'get',
    title: 'get one booking',
    status: 200,
    request: get,
    peer: {
      status: 200,
      request: peer_get,
      note: 'the comparison has no such call: its list with limit=1, one row by index',
    },
    day: in_2026,
  },
  {
    id: 'overview',
    title: 'availability overview, 40 homes x 60 days',
    status: 200,
    request: ofService(
      'GET',
      ({ any }) => `availability/overview?from=${dayAfter(drawn_from, any)}&to=${dayAfter(drawn_from, any + 60)}`,
    ),
    day: in_2026,
  },
  {
    id: 'explain',
    title: 'availability explain, one stay',
    status: 200,
    request: ofService('GET', ({ agency, property, any }) => {
      const nights = `check_in=${dayAfter(drawn_from, any)}&check_out=${dayAfter(drawn_from, any + 3)}`
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
    peer: peerCreate,
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
    peer: { ...peerCreate, note: "the comparison has no guests: the name is a column of the booking's row" },
    day: free_night,
  },
  {
    id: 'create-key',
    title: 'create booking with Idempotency-Key',
    status: 201,
    request: ofService(
      'POST',
      () => 'bookings',
      freeNight,
      () => ({ 'idempotency-key': randomUUID() }),
    ),
    is_fresh: true,
    day: free_night,
  },
  {
    id: 'conflict',
    title: 'create booking on nights that are taken',
    status: 409,
    code: 'BOOKING_CONFLICT',
    request: ofService(
      'POST',
      () => 'bookings',
      (place) => ({ ...freeNight(place), ...takenFrom(place) }),
    ),
    peer: {
      status: 409,
      request: ofPeer('POST', 'bookings', (place, i) => ({ ...peerNight(place, i), ...takenFrom(place) })),
    },
    day: `date '${first_day}' + :stay * 5`,
  },
  {
    id: 'mixed',
    title: 'mixed day: 5 lists, 3 gets, 2 creates of ten',
    status: 200,
    request: turnsOf(list, get, create),
    is_fresh: true,
    peer: { status: 200, request: turnsOf(peer_list, peer_get, peerCreate.request) },
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

/** Where the requests begin that a case is listened to with; behind those of the last case begin those that are measured. */
export function reservedOf({ agencies }: Volume, index: number = cases.length): number {
  return index * 60 * agencies
}
