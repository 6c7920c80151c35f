// Marks response fields with secrets, which are not stored for an Idempotency-Key.
import { Type } from 'typebox'

const mark = 'x-secret'

/** A string that is returned in one response only and is not stored in plain text. */
export function secretText(description: string, options: object = {}) {
  return Type.String({ description, [mark]: true, ...options })
}

const known = new WeakMap<object, boolean>()

/** Whether a schema or one of its subschemas is marked as a secret. */
export function hasSecret(schema: unknown): boolean {
  if (typeof schema !== 'object' || schema === null) return false
  const found = known.get(schema) ?? (mark in schema || Object.values(schema).some(hasSecret))
  known.set(schema, found)
  return found
}
