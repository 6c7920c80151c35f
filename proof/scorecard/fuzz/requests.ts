// Requests made of the document: valid ones, and such that are wrong in one place.
import fc from 'fast-check'
import { castProperties, players } from '../../../test/cast.ts'
import { hostileEscapes, hostileJson, hostileStrings } from '../../../test/hostile-values.ts'
import { ofNorth } from '../../../test/two-agencies.ts'
import type { Operation, Schema } from './document.ts'
import { valuesFor, wishFor } from './values.ts'

/** `otherOwner` is for what signs people out. */
export const callers = [
  'admin',
  'manager',
  'staff',
  'owner',
  'accountant',
  'former',
  'outsider',
  'otherOwner',
  'nobody',
] as const
export type CallerName = (typeof callers)[number]

/** A request before its ids are known. */
export interface Draft {
  readonly operation: Operation
  readonly caller: CallerName
  /** Values of the path's parameters; a wish, or a text as it will stand in the URL. */
  readonly params: Readonly<Record<string, unknown>>
  readonly query: readonly (readonly [name: string, value: unknown])[]
  /** Undefined sends none. */
  readonly body: unknown
  /** Changes the text of the body, or the headers, after the ids are there. */
  readonly spoil: Spoil | undefined
}

/** How the sent text differs from JSON.stringify of the body: a field that holds this JSON, or another text at all. */
export type Spoil =
  | { readonly kind: 'field'; readonly name: string; readonly json: string }
  | { readonly kind: 'without'; readonly name: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'cut'; readonly share: number }

/** Slow on purpose (they hash passwords), so they come less often. */
const isSlow = ({ path }: Operation) => path.includes('/auth/')

export function drafts(operations: readonly Operation[]): fc.Arbitrary<Draft> {
  return fc
    .oneof(...operations.map((operation) => ({ weight: isSlow(operation) ? 1 : 4, arbitrary: fc.constant(operation) })))
    .chain(draftOf)
}

function draftOf(operation: Operation): fc.Arbitrary<Draft> {
  const right = fc.record({
    operation: fc.constant(operation),
    caller: callerOf(operation),
    params: fc.record(
      Object.fromEntries(Object.keys(operation.params).map((name) => [name, wishFor(kindOf(operation))])),
    ),
    query: queryOf(operation),
    body: operation.body === undefined ? fc.constant(undefined) : valuesFor(operation.body),
    spoil: fc.constant(undefined),
  })
  return fc.oneof(
    right,
    right.chain((draft) => fc.oneof(...spoiled(draft))),
  )
}

/** Most often somebody who may. */
function callerOf(operation: Operation): fc.Arbitrary<CallerName> {
  const { roles, is_open } = operation
  if (isSlow(operation) && !is_open) return fc.constantFrom('otherOwner', 'nobody')
  const may = callers.filter((name) => roles.includes(name))
  const anybody = fc.constantFrom(...callers.filter((name) => name !== 'otherOwner'))
  return may.length === 0 ? anybody : fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...may) }, anybody)
}

/** /api/v1/availability/blocks/{id} is about blocks. */
export function kindOf({ path }: Pick<Operation, 'path'>): string {
  return path.split('/{')[0]?.split('/').at(-1) ?? ''
}

/** What an operation with an id can be asked about in the north agency, once both have been filled (test/two-agencies.ts). */
export function ownIdFor(operation: Pick<Operation, 'path'>): string {
  const { guest_id, booking_id } = ofNorth
  const own: Readonly<Record<string, string>> = {
    properties: castProperties.town.id,
    guests: guest_id,
    team: players.accountant.user_id,
  }
  // A booking's id is that of its block, hold and invitation as well.
  return own[kindOf(operation)] ?? booking_id
}

function queryOf({ query, required_query }: Operation): fc.Arbitrary<[string, unknown][]> {
  const pairs = Object.entries(query)
    .filter(([name]) => name !== 'cursor')
    .map(([name, schema]) => {
      const pair = valuesFor(schema, name).map((value): [string, unknown] => [name, value])
      return fc.option(pair, { nil: undefined, freq: required_query.includes(name) ? 20 : 1 })
    })
  return fc.tuple(...pairs).map((all) => all.filter((pair) => pair !== undefined))
}

const tooLarge = `{"name":"${'x'.repeat(64 * 1024)}"}`
const extras = ['agency_id', 'id', 'created_at', 'role', 'is_admin', 'constructor', '😀', 'status_', '']

/** The draft with one thing wrong in it, or at least odd. */
function spoiled(draft: Draft): fc.Arbitrary<Draft>[] {
  const { operation, params, query } = draft
  const ways: fc.Arbitrary<Draft>[] = []
  const anyName = (names: readonly string[]) => fc.constantFrom(...names)
  if (operation.body !== undefined) ways.push(...spoiledBodies(draft, operation.body))
  const names = Object.keys(operation.query)
  const hostile = fc.constantFrom(...hostileStrings, ...hostileEscapes.map((text) => ({ escaped: text })))
  const name = names.length === 0 ? anyName(['limit', 'agency_id', 'a[]']) : anyName([...names, ...names, 'agency_id'])
  ways.push(fc.tuple(name, hostile).map(([its, value]) => ({ ...draft, query: [...query, [its, value]] })))
  for (const its of Object.keys(params)) {
    ways.push(
      hostile.filter((value) => value !== '').map((value) => ({ ...draft, params: { ...params, [its]: value } })),
    )
  }
  return ways
}

function spoiledBodies(draft: Draft, schema: Schema): fc.Arbitrary<Draft>[] {
  const fields = Object.entries(schema.properties ?? {})
  const named = fc.constantFrom(...fields)
  const wrong = (spoil: fc.Arbitrary<Spoil>) => spoil.map((its) => ({ ...draft, spoil: its }))
  const field = (name: string, json: string): Spoil => ({ kind: 'field', name, json })
  return [
    wrong(fc.tuple(named, fc.constantFrom(...hostileJson)).map(([[name], json]) => field(name, json))),
    wrong(named.chain(([name, its]) => fc.constantFrom(...beyond(its)).map((json) => field(name, json)))),
    wrong(named.map(([name]) => ({ kind: 'without', name }))),
    wrong(fc.constantFrom(...extras).map((name) => field(name, '"x"'))),
    wrong(
      fc
        .constantFrom('', 'null', '[]', '"x"', '5', '{', '{}{}', '{"__proto__":{}}', tooLarge)
        .map((text) => ({ kind: 'text', text })),
    ),
    wrong(fc.double({ min: 0, max: 1, noNaN: true }).map((share) => ({ kind: 'cut', share }))),
  ]
}

/** JSON texts just past the limits of the schema. */
function beyond({ anyOf, minimum, maximum, minLength, maxLength, items }: Schema): string[] {
  const inner = (anyOf ?? []).flatMap(beyond)
  return [
    ...inner,
    ...(minimum === undefined ? [] : [minimum - 1, minimum - 0.5].map(String)),
    ...(maximum === undefined ? [] : [maximum + 1, maximum * 1000].map(String)),
    ...(minLength === undefined || minLength === 0 ? [] : [JSON.stringify('x'.repeat(minLength - 1))]),
    ...(maxLength === undefined
      ? []
      : [maxLength + 1, maxLength * 10].map((length) => JSON.stringify('x'.repeat(length)))),
    ...(items === undefined ? [] : ['[null]', `[${Array(500).fill(1)}]`]),
    'null',
  ]
}
