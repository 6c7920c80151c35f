// How large a body may be: bytes, pieces, values and levels. One rule for every route, no exceptions by hand.
import type { FastifyInstance, RouteOptions } from 'fastify'
import type { ErrorDetail } from '../core/app-error.ts'
import { PayloadTooLargeError } from '../core/request-errors.ts'

/** Bytes of a body. No schema allows more, not even when each letter is written as \u00e4; a sweep of the tests checks it. */
export const max_body_bytes = 64 * 1024
/** Bytes where nobody need be signed in, and of everything about credentials: anybody may send these. */
export const max_small_body_bytes = 4 * 1024

/** Members of objects and items of lists in one body, at all levels. Each costs a microsecond and more to read. */
export const max_values = 2000
/** Objects and lists inside each other. */
export const max_depth = 16
/** Pieces in which a body arrives: chunks, or packets. Each costs a turn of the parser, however small it is. */
export const max_pieces = 1000

type Rule = Pick<RouteOptions, 'url' | 'config'>

/** Bytes that a body of this route may have. */
export function bodyLimitOf({ url, config }: Rule): number {
  const is_small = config?.open === true || /^\/api\/v1\/auth(?:\/|$)/.test(url)
  return is_small ? max_small_body_bytes : max_body_bytes
}

/** Gives each route its limit; call it before any route is registered. */
export function installBodyLimits(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    route.bodyLimit = bodyLimitOf(route)
  })
}

/** 4 kB (4,096 bytes) */
export function sizeInWords(bytes: number): string {
  return `${bytes / 1024} kB (${inWords(bytes)} bytes)`
}

/** The refusal of a body above a limit in bytes. */
export function tooLarge(limit_bytes: number): PayloadTooLargeError {
  const size = sizeInWords(limit_bytes)
  return new PayloadTooLargeError({ message: `The body is larger than ${size}, the limit of this operation.` })
}

/** The refusal of a body that arrives byte by byte. */
export function tooManyPieces(): PayloadTooLargeError {
  return new PayloadTooLargeError({
    message: `The body arrives in more than ${inWords(max_pieces)} pieces.`,
  })
}

const quote = 0x22
const backslash = 0x5c

/** By how much a byte outside of a text changes a count. */
function perByte(changes: Readonly<Record<string, number>>): Int8Array {
  const table = new Int8Array(256)
  for (const [character, change] of Object.entries(changes)) table[character.charCodeAt(0)] = change
  return table
}
const valuesPer = perByte({ ',': 1, '[': 1, '{': 1 })
const levelsPer = perByte({ '[': 1, '{': 1, ']': -1, '}': -1 })

/**
 * What is too much in a JSON text, found by one pass over its bytes before anything is built from them; undefined when
 * nothing is. Says nothing about whether it is JSON.
 */
export function excessOf(json: Uint8Array): ErrorDetail | undefined {
  let values = 1
  let depth = 0
  let is_text = false
  for (let i = 0; i < json.length && values <= max_values && depth <= max_depth; i += 1) {
    const byte = json[i] ?? 0
    if (byte === quote) is_text = !is_text
    else if (is_text) i += byte === backslash ? 1 : 0
    else {
      values += valuesPer[byte] ?? 0
      depth += levelsPer[byte] ?? 0
    }
  }
  if (values > max_values) return excess('TOO_MANY_VALUES', `must hold at most ${inWords(max_values)} values`)
  return depth > max_depth ? excess('TOO_DEEP', `must be at most ${max_depth} levels deep`) : undefined
}

function excess(code: string, message: string): ErrorDetail {
  return { pointer: '', code, message }
}

/** 65,536 */
function inWords(count: number): string {
  return count.toLocaleString('en')
}
