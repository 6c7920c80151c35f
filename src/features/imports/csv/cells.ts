// Reads one cell as a number, a text, a date or an amount. Throws a RowError that names the column.
import type { Row } from './columns.ts'
import { type DateOrder, parseDate } from './dates.ts'
import { type Amount, parseMoney, roundMoney } from './money.ts'

export interface Range {
  readonly min: number
  readonly max: number
}

/** An integer; "2.0" is accepted. null when the cell is empty. */
export function optionalInteger<Key extends string>(row: Row<Key>, key: Key, { min, max }: Range): number | null {
  const text = row.text(key)
  if (text === '') return null
  if (!/^\d{1,9}(\.0+)?$/.test(text)) throw row.error(key, 'is not a whole number')
  const number = Number(text)
  if (number < min || number > max) throw row.error(key, `must be ${min} to ${max}`)
  return number
}

export function requiredInteger<Key extends string>(row: Row<Key>, key: Key, range: Range): number {
  const number = optionalInteger(row, key, range)
  if (number === null) throw row.error(key, 'is empty')
  return number
}

/** Text of 1 to `max` characters, without surrounding whitespace. */
export function requiredText<Key extends string>(row: Row<Key>, key: Key, max: number): string {
  const text = row.text(key)
  if (text === '') throw row.error(key, 'is empty')
  if ([...text].length > max) throw row.error(key, `is longer than ${max} characters`)
  return text
}

/** Degrees rounded to five decimals (about 1 m), as the database stores them. null when the cell is empty. */
export function optionalCoordinate<Key extends string>(row: Row<Key>, key: Key, limit: number): number | null {
  const text = row.text(key)
  if (text === '') return null
  if (!/^[-+]?\d{1,3}(\.\d+)?$/.test(text)) throw row.error(key, 'is not a number')
  const number = Math.round(Number(text) * 100_000) / 100_000
  if (Math.abs(number) > limit) throw row.error(key, `must be -${limit} to ${limit}`)
  return number
}

const date_layouts: Record<DateOrder, string> = {
  mdy: 'month/day/year',
  dmy: 'day/month/year',
  iso: 'year-month-day',
}

/** A local date as YYYY-MM-DD. */
export function requiredDate<Key extends string>(row: Row<Key>, key: Key, order: DateOrder): string {
  const text = row.text(key)
  if (text === '') throw row.error(key, 'is empty')
  const date = parseDate(text, order)
  if (date === undefined) throw row.error(key, `is not a date (${date_layouts[order]})`)
  return date
}

/** Minor units of `currency`, from an amount in any notation. null when the cell is empty. */
export function optionalMoney<Key extends string>(row: Row<Key>, key: Key, currency: string): number | null {
  const text = row.text(key)
  return text === '' ? null : centsOf(row, key, parseMoney(text, currency))
}

/** Minor units of `currency`, from a plain decimal rounded half up. */
export function requiredRate<Key extends string>(row: Row<Key>, key: Key, currency: string): number {
  return centsOf(row, key, roundMoney(requiredText(row, key, 30), currency))
}

function centsOf<Key extends string>(row: Row<Key>, key: Key, amount: Amount): number {
  if ('problem' in amount) throw row.error(key, amount.problem)
  return amount.cents
}
