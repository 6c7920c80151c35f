// Local dates as files write them -> YYYY-MM-DD. Day first or month first is decided once per file.
import { ImportError } from './import-errors.ts'

export const dateOrders = ['mdy', 'dmy', 'iso'] as const
export type DateOrder = (typeof dateOrders)[number]

const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})$/
const slashed = /^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})$/

/** YYYY-MM-DD; undefined when the text is no date that exists, read in this order. ISO dates are read in any. */
export function parseDate(text: string, order: DateOrder): string | undefined {
  const plain = iso.exec(text)
  if (plain !== null) return existing(plain[1], plain[2], plain[3])
  const parts = slashed.exec(text)
  if (parts === null || order === 'iso') return undefined
  const [, first, second, year] = parts
  return order === 'mdy' ? existing(year, first, second) : existing(year, second, first)
}

/** The day, if the calendar has it. */
export function existing(year = '', month = '', day = ''): string | undefined {
  const text = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`
  const time = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(time) && new Date(time).toISOString().slice(0, 10) === text ? text : undefined
}

/** The date so many days later. */
export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10)
}

interface Seen {
  readonly line: number
  readonly text: string
}

/** Collects what the dates of a file say about their order. */
export interface DateEvidence {
  see(line: number, text: string): void
  /** Throws ImportError when the dates contradict each other, or when every one of them can be read both ways. */
  decide(): DateOrder
}

export function createDateEvidence(): DateEvidence {
  let day_first: Seen | undefined
  let month_first: Seen | undefined
  let either: Seen | undefined
  return {
    see(line, text) {
      const parts = slashed.exec(text)
      if (parts === null) return
      const [first, second] = [Number(parts[1]), Number(parts[2])]
      if (first > 12 && second <= 12) day_first ??= { line, text }
      else if (second > 12 && first <= 12) month_first ??= { line, text }
      else if (first <= 12 && second <= 12 && first !== second) either ??= { line, text }
    },
    decide() {
      if (day_first !== undefined && month_first !== undefined) {
        throw new ImportError(
          `the dates are written in two ways: ${day_first.text} in line ${day_first.line} has the day first, ` +
            `${month_first.text} in line ${month_first.line} the month. Correct them, or name one way: ${ways}`,
        )
      }
      if (day_first === undefined && month_first === undefined && either !== undefined) {
        throw new ImportError(
          `${either.text} in line ${either.line}, like every other date of the file, can be read with the day first ` +
            `or with the month first. Say which: ${ways}`,
        )
      }
      return day_first === undefined ? 'mdy' : 'dmy'
    },
  }
}

const ways = '--date-order mdy (month/day/year), dmy (day/month/year) or iso (year-month-day)'
