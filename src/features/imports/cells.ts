// Reads one cell, or throws the error that names its column.
import type { Row } from './columns.ts'
import { type DateOrder, parseDate } from './dates.ts'

export interface Range {
  readonly min: number
  readonly max: number
}

/** A whole number; "2.0" counts as one, an empty cell is null. */
export function wholeNumber<Key extends string>(row: Row<Key>, key: Key, { min, max }: Range): number | null {
  const text = row.text(key)
  if (text === '') return null
  if (!/^\d{1,9}(\.0+)?$/.test(text)) throw row.error(key, 'is not a whole number')
  const number = Number(text)
  if (number < min || number > max) throw row.error(key, `must be ${min} to ${max}`)
  return number
}

/** The same, but the cell must not be empty. */
export function requiredNumber<Key extends string>(row: Row<Key>, key: Key, range: Range): number {
  const number = wholeNumber(row, key, range)
  if (number === null) throw row.error(key, 'is empty')
  return number
}

/** Text of 1 to `max` characters, without blanks around it. */
export function requiredText<Key extends string>(row: Row<Key>, key: Key, max: number): string {
  const text = row.text(key)
  if (text === '') throw row.error(key, 'is empty')
  if ([...text].length > max) throw row.error(key, `is longer than ${max} characters`)
  return text
}

/** A number rounded to five decimals (1 m on the ground), as the database keeps coordinates; an empty cell is null. */
export function coordinate<Key extends string>(row: Row<Key>, key: Key, limit: number): number | null {
  const text = row.text(key)
  if (text === '') return null
  if (!/^[-+]?\d{1,3}(\.\d+)?$/.test(text)) throw row.error(key, 'is not a number')
  const number = Math.round(Number(text) * 100_000) / 100_000
  if (Math.abs(number) > limit) throw row.error(key, `must be -${limit} to ${limit}`)
  return number
}

/** A local date as YYYY-MM-DD. */
export function requiredDate<Key extends string>(row: Row<Key>, key: Key, order: DateOrder): string {
  const text = row.text(key)
  if (text === '') throw row.error(key, 'is empty')
  const date = parseDate(text, order)
  if (date === undefined) throw row.error(key, `is not a date (${written[order]})`)
  return date
}

const written: Record<DateOrder, string> = {
  mdy: 'month/day/year',
  dmy: 'day/month/year',
  iso: 'year-month-day',
}
