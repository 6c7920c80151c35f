// What somebody types over a record. Only the fields that they touch are kept, so changes made elsewhere meanwhile show and survive.
import { useState } from 'react'

interface Edit {
  readonly value: unknown
  /** What the record had when the edit began. */
  readonly base: unknown
}

type Edits<T> = { readonly [Name in keyof T]?: Edit }

export interface DraftState<T> {
  /** The record with the edits. */
  readonly draft: T
  /** The fields that differ from the record. */
  readonly changed: Partial<T>
  /** Whether the record itself has got another value in one of these fields since. */
  readonly is_outdated: boolean
}

/** Adds a part to the edits. A field keeps the base of its first edit. */
export function edit<T extends object>(edits: Edits<T>, saved: T, part: Partial<T>): Edits<T> {
  const entries = (Object.keys(part) as (keyof T)[]).map(
    (name) => [name, { value: part[name], base: name in edits ? edits[name]?.base : saved[name] }] as const,
  )
  return { ...edits, ...(Object.fromEntries(entries) as Edits<T>) }
}

export function applyEdits<T extends object>(edits: Edits<T>, saved: T): DraftState<T> {
  const names = (Object.keys(edits) as (keyof T)[]).filter((name) => !isSame(edits[name]?.value, saved[name]))
  const changed = Object.fromEntries(names.map((name) => [name, edits[name]?.value])) as Partial<T>
  const is_outdated = names.some((name) => !isSame(edits[name]?.base, saved[name]))
  return { draft: { ...saved, ...changed }, changed, is_outdated }
}

const isSame = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)

export interface Draft<T> extends DraftState<T> {
  readonly set: (part: Partial<T>) => void
  /** Drops the edits: the record as it is now. */
  readonly reset: () => void
}

export function useDraft<T extends object>(saved: T): Draft<T> {
  const [edits, setEdits] = useState<Edits<T>>({})
  return {
    ...applyEdits(edits, saved),
    set: (part) => setEdits((now) => edit(now, saved, part)),
    reset: () => setEdits({}),
  }
}
