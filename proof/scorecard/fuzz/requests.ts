// Arbitrary requests for the operations of the document: valid, or corrupted in one place.
import fc from 'fast-check'
import { castProperties, players } from '../../../test/cast.ts'
import { hostileEscapes, hostileJson, hostileStrings } from '../../../test/hostile-values.ts'
import { ofNorth } from '../../../test/two-agencies.ts'
import type { Operation, Schema } from './document.ts'
import { idPlaceholder, valuesFor } from './values.ts'

/** `otherOwner` calls the operations that end sessions. */
export const callers = [
  'admin',
  'manager',
  'staff',
  'owner',
  'accountant',
  'former',
  'outsider',
  'otherOwner',
  'anonymous',
] as const
export type CallerName = (typeof callers)[number]

/** A request before its ids are known. */
export interface Draft {
  readonly operation: Operation
  readonly caller: CallerName
  /** Values of the path parameters: id placeholders or texts. */
  readonly params: Readonly<Record<string, unknown>>
  readonly query: readonly (readonly [name: string, value: unknown])[]
  /** Undefined sends no body. */
  readonly body: unknown
  /** Applied to the serialized body after its ids are filled in. */
  readonly corruption: Corruption | undefined
}

/** `field`: replaces a field with raw JSON; `without`: removes it; `text`: replaces the body; `cut`: truncates it. */
export type Corruption =
  | { readonly kind: 'field'; readonly name: string; readonly json: string }
  | { readonly kind: 'without'; readonly name: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'cut'; readonly share: number }

/** Operations that hash passwords are slow, so they occur less often. */
const isSlow = ({ path }: Operation) => path.includes('/auth/')

export function drafts(operations: readonly Operation[]): fc.Arbitrary<Draft> {
  return fc
    .oneof(...operations.map((operation) => ({ weight: isSlow(operation) ? 1 : 4, arbitrary: fc.constant(operation) })))
    .chain(draftOf)
}

function draftOf(operation: Operation): fc.Arbitrary<Draft> {
  const valid = fc.record({
    operation: fc.constant(operation),
    caller: callerOf(operation),
    params: fc.record(
      Object.fromEntries(Object.keys(operation.params).map((name) => [name, idPlaceholder(kindOf(operation))])),
    ),
    query: queryOf(operation),
    body: operation.body === undefined ? fc.constant(undefined) : valuesFor(operation.body),
    corruption: fc.constant(undefined),
  })
  return fc.oneof(
    valid,
    valid.chain((draft) => fc.oneof(...corruptDrafts(draft))),
  )
}

/** Usually a caller with a permitted role. */
function callerOf(operation: Operation): fc.Arbitrary<CallerName> {
  const { roles, is_open } = operation
  if (isSlow(operation) && !is_open) return fc.constantFrom('otherOwner', 'anonymous')
  const permitted = callers.filter((name) => roles.includes(name))
  const any_caller = fc.constantFrom(...callers.filter((name) => name !== 'otherOwner'))
  return permitted.length === 0
    ? any_caller
    : fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...permitted) }, any_caller)
}

/** The collection of the operation: `blocks` for /api/v1/availability/blocks/{id}. */
export function kindOf({ path }: Pick<Operation, 'path'>): string {
  return path.split('/{')[0]?.split('/').at(-1) ?? ''
}

/** An existing id of the north agency for the operation, after fillBoth (test/two-agencies.ts). */
export function ownIdFor(operation: Pick<Operation, 'path'>): string {
  const { guest_id, booking_id } = ofNorth
  const own: Readonly<Record<string, string>> = {
    properties: castProperties.town.id,
    guests: guest_id,
    team: players.accountant.user_id,
  }
  // The fixtures use one id for a booking, a block, a hold and an invitation.
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

/** Variants of the draft with one invalid or unusual part. */
function corruptDrafts(draft: Draft): fc.Arbitrary<Draft>[] {
  const { operation, params, query } = draft
  const variants: fc.Arbitrary<Draft>[] = []
  const anyName = (names: readonly string[]) => fc.constantFrom(...names)
  if (operation.body !== undefined) variants.push(...corruptBodies(draft, operation.body))
  const names = Object.keys(operation.query)
  const hostile = fc.constantFrom(...hostileStrings, ...hostileEscapes.map((text) => ({ escaped: text })))
  const name = names.length === 0 ? anyName(['limit', 'agency_id', 'a[]']) : anyName([...names, ...names, 'agency_id'])
  variants.push(fc.tuple(name, hostile).map(([field, value]) => ({ ...draft, query: [...query, [field, value]] })))
  for (const parameter of Object.keys(params)) {
    variants.push(
      hostile.filter((value) => value !== '').map((value) => ({ ...draft, params: { ...params, [parameter]: value } })),
    )
  }
  return variants
}

function corruptBodies(draft: Draft, schema: Schema): fc.Arbitrary<Draft>[] {
  const fields = Object.entries(schema.properties ?? {})
  const named = fc.constantFrom(...fields)
  const corrupted = (corruption: fc.Arbitrary<Corruption>) =>
    corruption.map((value) => ({ ...draft, corruption: value }))
  const field = (name: string, json: string): Corruption => ({ kind: 'field', name, json })
  return [
    corrupted(fc.tuple(named, fc.constantFrom(...hostileJson)).map(([[name], json]) => field(name, json))),
    corrupted(
      named.chain(([name, schema_of]) => fc.constantFrom(...outOfRange(schema_of)).map((json) => field(name, json))),
    ),
    corrupted(named.map(([name]) => ({ kind: 'without', name }))),
    corrupted(fc.constantFrom(...extras).map((name) => field(name, '"x"'))),
    corrupted(
      fc
        .constantFrom('', 'null', '[]', '"x"', '5', '{', '{}{}', '{"__proto__":{}}', tooLarge)
        .map((text) => ({ kind: 'text', text })),
    ),
    corrupted(fc.double({ min: 0, max: 1, noNaN: true }).map((share) => ({ kind: 'cut', share }))),
  ]
}

/** JSON texts just outside the limits of the schema. */
function outOfRange({ anyOf, minimum, maximum, minLength, maxLength, items }: Schema): string[] {
  const inner = (anyOf ?? []).flatMap(outOfRange)
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
