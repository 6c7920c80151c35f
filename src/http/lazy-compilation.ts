// Compiles schemas at their first use: compiling all at start took a quarter of the start time.
import { SerializerSelector } from '@fastify/fast-json-stringify-compiler'
import type { FastifyInstance } from 'fastify'

/** Wraps a compiler of Fastify so that it compiles at the first call of the result. */
function compileLazily<Route, Value, Result>(compile: (route: Route) => (value: Value) => Result) {
  return (route: Route) => {
    let compiled: ((value: Value) => Result) | undefined
    return (value: Value): Result => {
      compiled ??= compile(route)
      return compiled(value)
    }
  }
}

const buildSerializer = SerializerSelector()

interface Schema {
  readonly anyOf?: readonly Schema[]
  readonly type?: unknown
  readonly [keyword: string]: unknown
}

/**
 * Replaces `anyOf` with null by `nullable`, for the serializer: to choose a schema of an `anyOf`, it would validate each value.
 */
function withNullable(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withNullable)
  if (typeof schema !== 'object' || schema === null) return schema
  const { anyOf, ...rest } = schema as Schema
  const [first, second, ...more] = anyOf ?? []
  if (first !== undefined && second?.type === 'null' && more.length === 0 && typeof first.type === 'string') {
    return { ...(withNullable(first) as object), ...rest, nullable: true }
  }
  return Object.fromEntries(Object.entries(schema).map(([keyword, value]) => [keyword, withNullable(value)]))
}

/** For the Fastify option `schemaController`. */
export const lazySerializers = {
  compilersFactory: {
    buildSerializer: (...shared: Parameters<typeof buildSerializer>) => {
      const compile = buildSerializer(...shared)
      return compileLazily((route: Parameters<typeof compile>[0]) =>
        compile({ ...route, schema: withNullable(route.schema) }),
      )
    },
  },
}

/** Call it after installValidation. */
export function installLazyValidators(app: FastifyInstance): void {
  const { validatorCompiler } = app
  if (validatorCompiler !== undefined) app.setValidatorCompiler(compileLazily(validatorCompiler))
}
