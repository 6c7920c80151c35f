// Parses local dates to YYYY-MM-DD, and detects whether a file writes the day or the month first.
import { ImportError } from '../import-errors.ts'

export const dateOrders = ['mdy', 'dmy', 'iso'] as const
export type DateOrder = (typeof dateOrders)[number]

const iso_date = /^(\d{4})-(\d{1,2})-(\d{1,2})$/
const numeric_date = /^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})$/

/** YYYY-MM-DD; undefined when the text is not an existing date in this order. ISO dates are read in every order. */
export function parseDate(text: string, order: DateOrder): string | undefined {
  const iso_parts = iso_date.exec(text)
  if (iso_parts !== null) return calendarDate(iso_parts[1], iso_parts[2], iso_parts[3])
  const parts = numeric_date.exec(text)
  if (parts === null || order === 'iso') return undefined
  const [, first, second, year] = parts
  return order === 'mdy' ? calendarDate(year, first, second) : calendarDate(year, second, first)
}

/** YYYY-MM-DD; undefined when the date does not exist. */
export function calendarDate(year = '', month = '', day = ''): string | undefined {
  const text = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`
  const time = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(time) && new Date(time).toISOString().slice(0, 10) === text ? text : undefined
}

export interface DateOrderDetector {
  add(line: number, text: string): void
  /** Throws ImportError when the dates contradict each other, or when all of them are ambiguous. */
  detect(): DateOrder
}

interface Example {
  readonly line: number
  readonly text: string
}

export function createDateOrderDetector(): DateOrderDetector {
  let day_first: Example | undefined
  let month_first: Example | undefined
  let ambiguous: Example | undefined
  return {
    add(line, text) {
      const parts = numeric_date.exec(text)
      if (parts === null) return
      const [first, second] = [Number(parts[1]), Number(parts[2])]
      if (first > 12 && second <= 12) day_first ??= { line, text }
      else if (second > 12 && first <= 12) month_first ??= { line, text }
      else if (first <= 12 && second <= 12 && first !== second) ambiguous ??= { line, text }
    },
    detect() {
      if (day_first !== undefined && month_first !== undefined) {
        throw new ImportError(
          `the dates have different orders: ${day_first.text} in line ${day_first.line} has the day first, ` +
            `${month_first.text} in line ${month_first.line} the month. Correct them, or choose one order: ${choices}`,
        )
      }
      if (day_first === undefined && month_first === undefined && ambiguous !== undefined) {
        throw new ImportError(
          `all dates are ambiguous, such as ${ambiguous.text} in line ${ambiguous.line}: the day or the month can be ` +
            `first. Choose the order: ${choices}`,
        )
      }
      return day_first === undefined ? 'mdy' : 'dmy'
    },
  }
}

const choices = '--date-order mdy (month/day/year), dmy (day/month/year) or iso (year-month-day)'
