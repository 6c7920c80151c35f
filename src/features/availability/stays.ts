// Which dates can be asked about or blocked at all: the same limits as in the tables.
import type { ErrorDetail } from '../../core/app-error.ts'
import { ValidationError } from '../../core/errors.ts'
import { daysBetween } from './days.ts'

interface Span {
  readonly from: string
  readonly to: string
  /** Where the two dates stand in the request: /check_in, /query/check_in. */
  readonly pointers: readonly [from: string, to: string]
  readonly max_nights: number
}

/** Throws ValidationError unless there is a night, not too many, within the years 2000 to 2100. */
export function requireSpan({ from, to, pointers: [at_from, at_to], max_nights }: Span): void {
  const nights = daysBetween(from, to)
  const name = at_from.split('/').at(-1)
  const details: ErrorDetail[] = []
  if (from < '2000-01-01') details.push({ pointer: at_from, code: 'TOO_EARLY', message: 'must be 2000-01-01 or later' })
  if (to > '2100-12-31') details.push({ pointer: at_to, code: 'TOO_LATE', message: 'must be 2100-12-31 or earlier' })
  if (nights < 1) {
    details.push({ pointer: at_to, code: `NOT_AFTER_${name?.toUpperCase()}`, message: `must be after ${name}` })
  }
  if (nights > max_nights) {
    details.push({ pointer: at_to, code: 'TOO_LONG', message: `must be at most ${max_nights} nights after ${name}` })
  }
  if (details.length > 0) throw new ValidationError({ details })
}

/** A stay in the query of a request. Throws ValidationError. */
export function requireStay({ check_in, check_out }: { readonly check_in: string; readonly check_out: string }): void {
  const pointers = ['/query/check_in', '/query/check_out'] as const
  requireSpan({ from: check_in, to: check_out, pointers, max_nights: 365 })
}
