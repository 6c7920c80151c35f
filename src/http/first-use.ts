// Schemas are compiled by the first request that needs them, not at the start: that took a quarter of it, and of
// the answers a route may give most are never given.
import { SerializerSelector } from '@fastify/fast-json-stringify-compiler'
import type { FastifyInstance } from 'fastify'

/** What a compiler of Fastify's does with one schema of one route, put off until it is asked for the first time. */
function atFirstUse<Route, Value, Answer>(compile: (route: Route) => (value: Value) => Answer) {
  return (route: Route) => {
    let compiled: ((value: Value) => Answer) | undefined
    return (value: Value): Answer => {
      compiled ??= compile(route)
      return compiled(value)
    }
  }
}

const build = SerializerSelector()

interface Schema {
  readonly anyOf?: readonly Schema[]
  readonly type?: unknown
  readonly [keyword: string]: unknown
}

/**
 * The same shape for the serializer alone, which knows `nullable`: an `anyOf` it would validate for each value to find out
 * which of them it is.
 */
export function lean(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(lean)
  if (typeof schema !== 'object' || schema === null) return schema
  const { anyOf, ...rest } = schema as Schema
  const [first, second, ...more] = anyOf ?? []
  if (first !== undefined && second?.type === 'null' && more.length === 0 && typeof first.type === 'string') {
    return { ...(lean(first) as object), ...rest, nullable: true }
  }
  return Object.fromEntries(Object.entries(schema).map(([keyword, value]) => [keyword, lean(value)]))
}

/** For Fastify's option `schemaController`. */
export const serializersAtFirstUse = {
  compilersFactory: {
    buildSerializer: (...shared: Parameters<typeof build>) => {
      const compile = build(...shared)
      return atFirstUse((route: Parameters<typeof compile>[0]) => compile({ ...route, schema: lean(route.schema) }))
    },
  },
}

/** Call it once the validator compiler is set. */
export function validateAtFirstUse(app: FastifyInstance): void {
  const { validatorCompiler } = app
  if (validatorCompiler !== undefined) app.setValidatorCompiler(atFirstUse(validatorCompiler))
}
