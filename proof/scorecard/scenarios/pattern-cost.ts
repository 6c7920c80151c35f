// Part of S22: the patterns and formats of the API are fast on strings that cause backtracking.
import fastify from 'fastify'
import { installValidation } from '../../../src/http/validation.ts'
import { openapiDocument } from '../../../src/service.ts'
import { atMost, type Check, injected } from '../scenario.ts'

const length = 50_000
const pieces = ['x', '0', 'a-', 'a.', 'a@', ' ', '(', '2027-', '+4', '12:', '😀']

/** Reports the slowest pattern or format; each time is the fastest of three runs. */
export async function patternCost(): Promise<Check[]> {
  const text = JSON.stringify(await openapiDocument())
  const schemas = (['pattern', 'format'] as const).flatMap((keyword) => {
    const found = text.matchAll(new RegExp(`"${keyword}":("(?:[^"\\\\]|\\\\.)*")`, 'g'))
    return [...new Set([...found].map(([, json = '']) => json))].map((json) => ({ [keyword]: JSON.parse(json) }))
  })
  const app = fastify()
  installValidation(app)
  const checks = schemas.map((schema) => {
    const whole = { type: 'string', ...schema }
    return app.validatorCompiler?.({ schema: whole, method: 'GET', url: '/', httpPart: 'body' }) as (
      text: string,
    ) => unknown
  })
  let slowest = 0
  for (const check of checks) {
    for (const piece of pieces) {
      const value = `${piece.repeat(length / piece.length)}!`
      slowest = Math.max(
        slowest,
        fastestOfThree(() => check(value)),
      )
    }
  }
  await app.close()
  return [
    injected('patterns and formats', checks.length, 8),
    atMost('slowest of these on 50,000 characters', slowest, 20, ' ms'),
  ]
}

function fastestOfThree(run: () => unknown): number {
  const times = [1, 2, 3].map(() => {
    const started = performance.now()
    run()
    return performance.now() - started
  })
  return Math.min(...times)
}
