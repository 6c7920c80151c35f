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

/** For Fastify's option `schemaController`. */
export const serializersAtFirstUse = {
  compilersFactory: {
    buildSerializer: (...shared: Parameters<typeof build>) => atFirstUse(build(...shared)),
  },
}

/** Call it once the validator compiler is set. */
export function validateAtFirstUse(app: FastifyInstance): void {
  const { validatorCompiler } = app
  if (validatorCompiler !== undefined) app.setValidatorCompiler(atFirstUse(validatorCompiler))
}
