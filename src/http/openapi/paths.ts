// The shape of the paths in an OpenAPI document, as far as this folder reads it.
import type { Schema } from './named-schemas.ts'

export interface Media {
  readonly schema: Schema
  readonly [keyword: string]: unknown
}

export interface Response {
  readonly description?: string
  readonly headers?: object
  readonly content?: Readonly<Record<string, Media>>
}

export interface Parameter {
  readonly $ref?: string
  readonly name?: string
  readonly in?: string
  readonly schema?: Schema
}

export interface Operation {
  readonly description?: string
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>>; readonly [keyword: string]: unknown }
  readonly responses: Readonly<Record<string, Response | { $ref: string }>>
  readonly [keyword: string]: unknown
}

/** Path -> method -> operation. */
export type Paths = Readonly<Record<string, Readonly<Record<string, Operation>>>>

/** `key` is `post /api/v1/bookings`. */
export function mapOperations(paths: Paths, map: (operation: Operation, key: string) => Operation): Paths {
  return Object.fromEntries(
    Object.entries(paths).map(([path, methods]) => [
      path,
      Object.fromEntries(
        Object.entries(methods).map(([method, operation]) => [method, map(operation, `${method} ${path}`)]),
      ),
    ]),
  )
}
