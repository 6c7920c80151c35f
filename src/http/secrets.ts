// Fields of answers that are shown once: marked in the schema, and never stored with an Idempotency-Key.
import { Type } from 'typebox'

const mark = 'x-secret'

/** A text that is in one answer and stored nowhere in clear. */
export function secretText(description: string) {
  return Type.String({ description, [mark]: true })
}

const known = new WeakMap<object, boolean>()

/** Whether a schema, or one inside of it, is marked as a secret. */
export function hasSecret(schema: unknown): boolean {
  if (typeof schema !== 'object' || schema === null) return false
  const found = known.get(schema) ?? (mark in schema || Object.values(schema).some(hasSecret))
  known.set(schema, found)
  return found
}
