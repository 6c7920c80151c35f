// Reads one cell as a number, a text, a date or an amount. Throws a RowError that names the column.
import type { Row } from './columns.ts'
import { type DateOrder, parseDate } from './dates.ts'
import { type Amount, type MoneyOptions, parseMoney, parseSignedMoney, roundMoney } from './money.ts'

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

/** Text of one line, of 1 to `max` characters. */
export function requiredText<Key extends string>(row: Row<Key>, key: Key, max: number): string {
  const text = row.text(key)
  if (text === '') throw row.error(key, 'is empty')
  if ([...text].length > max) throw row.error(key, `is longer than ${max} characters`)
  return text
}

/**
 * An id of 1 to `max` characters. A number that a program wrote as a decimal ("13913.0") is the same id; one that a spreadsheet
 * has shortened ("6.2E+17") cannot be recovered.
 */
export function requiredId<Key extends string>(row: Row<Key>, key: Key, max: number): string {
  const text = requiredText(row, key, max)
  if (/^\d+([.,]\d+)?E\+?\d+$/i.test(text)) {
    throw row.error(key, 'was shortened by a spreadsheet: export the file again, and do not save it in a spreadsheet')
  }
  return text.replace(/^'(?=\d)/, '').replace(/^(\d+)\.0+$/, '$1')
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

/** Minor units of `currency`, from an amount in any notation. null when the cell is empty or has only a dash. */
export function optionalMoney<Key extends string>(
  row: Row<Key>,
  key: Key,
  currency: string,
  options?: MoneyOptions,
): number | null {
  const text = row.text(key)
  return /^\p{Pd}?$/u.test(text) ? null : centsOf(row, key, parseMoney(text, currency, options))
}

/** The same, negative for a charge. */
export function optionalSignedMoney<Key extends string>(row: Row<Key>, key: Key, currency: string): number | null {
  const text = row.text(key)
  return /^\p{Pd}?$/u.test(text) ? null : centsOf(row, key, parseSignedMoney(text, currency))
}

/** Minor units of `currency`, from a plain decimal rounded half up. */
export function requiredRate<Key extends string>(row: Row<Key>, key: Key, currency: string): number {
  return centsOf(row, key, roundMoney(requiredText(row, key, 30), currency))
}

function centsOf<Key extends string>(row: Row<Key>, key: Key, amount: Amount): number {
  if ('problem' in amount) throw row.error(key, amount.problem)
  return amount.cents
}
