// Limits of request bodies: bytes, chunks, values and depth.
import type { FastifyInstance, RouteOptions } from 'fastify'
import type { ErrorDetail } from '../core/app-error.ts'
import { PayloadTooLargeError } from '../core/request-errors.ts'

/** No schema allows a larger body, even with all characters written as \u00e4; test/sweeps checks this. */
export const max_body_bytes = 64 * 1024
/** For routes that do not require a token, and for /auth. */
export const max_small_body_bytes = 4 * 1024

/** The object members and array items of a body, at all levels. Each costs at least a microsecond to process. */
export const max_values = 2000
/** The nesting depth of objects and arrays. */
export const max_depth = 16
/** The chunks or packets of a body. Each costs a call of the parser, however small it is. */
export const max_chunks = 1000

type Rule = Pick<RouteOptions, 'url' | 'config'>

/** The body limit of a route in bytes. */
export function bodyLimitOf({ url, config }: Rule): number {
  const is_small = config?.open === true || /^\/api\/v1\/auth(?:\/|$)/.test(url)
  return is_small ? max_small_body_bytes : max_body_bytes
}

/** Sets the limit of each route. Call it before any route is registered. */
export function installBodyLimits(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    route.bodyLimit = bodyLimitOf(route)
  })
}

/** For example: 4 kB (4,096 bytes) */
export function formatSize(bytes: number): string {
  return `${bytes / 1024} kB (${formatCount(bytes)} bytes)`
}

/** The error for a body above the limit of its route. */
export function bodyTooLarge(limit_bytes: number): PayloadTooLargeError {
  const size = formatSize(limit_bytes)
  return new PayloadTooLargeError({ message: `The body is larger than ${size}, the limit of this operation.` })
}

/** The error for a body with too many chunks. */
export function tooManyChunks(): PayloadTooLargeError {
  return new PayloadTooLargeError({
    message: `The body arrives in more than ${formatCount(max_chunks)} chunks.`,
  })
}

const quote = 0x22
const backslash = 0x5c

/** How each byte outside of a string changes a count. */
function countTable(changes: Readonly<Record<string, number>>): Int8Array {
  const table = new Int8Array(256)
  for (const [character, change] of Object.entries(changes)) table[character.charCodeAt(0)] = change
  return table
}
const value_changes = countTable({ ',': 1, '[': 1, '{': 1 })
const depth_changes = countTable({ '[': 1, '{': 1, ']': -1, '}': -1 })

/**
 * Checks the number of values and the depth of a JSON text in one pass over its bytes, before it is parsed. Returns undefined
 * when both are within the limits. Does not check whether the text is valid JSON.
 */
export function findExcess(json: Uint8Array): ErrorDetail | undefined {
  let values = 1
  let depth = 0
  let is_string = false
  for (let i = 0; i < json.length && values <= max_values && depth <= max_depth; i += 1) {
    const byte = json[i] ?? 0
    if (byte === quote) is_string = !is_string
    else if (is_string) i += byte === backslash ? 1 : 0
    else {
      values += value_changes[byte] ?? 0
      depth += depth_changes[byte] ?? 0
    }
  }
  if (values > max_values) return excess('TOO_MANY_VALUES', `must contain at most ${formatCount(max_values)} values`)
  return depth > max_depth ? excess('TOO_DEEP', `must be at most ${max_depth} levels deep`) : undefined
}

function excess(code: string, message: string): ErrorDetail {
  return { pointer: '', code, message }
}

/** For example: 65,536 */
function formatCount(count: number): string {
  return count.toLocaleString('en')
}
