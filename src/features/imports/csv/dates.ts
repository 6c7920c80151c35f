// Parses local dates to YYYY-MM-DD, and detects whether a file writes the day or the month first.
import { ImportError } from '../import-errors.ts'
import { monthNamed } from './months.ts'

export const dateOrders = ['mdy', 'dmy', 'iso'] as const
export type DateOrder = (typeof dateOrders)[number]

const year_first = /^(\d{4})(?: ?[-/.] ?| )(\d{1,2})(?: ?[-/.] ?| )(\d{1,2})\.?$/
const compact = /^([12]\d{3})(\d{2})(\d{2})$/
/** Chinese, Japanese and Korean. */
const with_units = /^(\d{4}) ?[年년] ?(\d{1,2}) ?[月월] ?(\d{1,2}) ?[日일号號]$/
const year_last = /^(\d{1,2}) ?([-/. ]) ?(\d{1,2}) ?\2 ?(\d{4}|'?\d{2})\.?$/
const day_month_name =
  /^(\d{1,2})(?:\.|st|nd|rd|th|er|º|°)?[- /]?(?:de |of )?(\p{L}+)\.?,?[- /]?(?:de |del )?(\d{4}|'?\d{2})\.?$/u
const month_name_day = /^(\p{L}+)\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4}|'\d{2})$/u
const year_month_name = /^(\d{4})[- /](\p{L}+)\.?[- /](\d{1,2})$/u

/**
 * YYYY-MM-DD; undefined when the text is not an existing date. With the year first, or with the name of the month, nothing is
 * ambiguous and `order` is not asked. A time of day behind the date and the weekday beside it are ignored.
 */
export function parseDate(text: string, order: DateOrder): string | undefined {
  const plain = withoutTime(text)
  return readDate(plain, order) ?? readDate(withoutWeekday(plain), order)
}

function readDate(plain: string, order: DateOrder): string | undefined {
  const first = year_first.exec(plain) ?? with_units.exec(plain) ?? compact.exec(plain)
  if (first !== null) return calendarDate(first[1], first[2], first[3])
  const last = year_last.exec(plain)
  if (last !== null) return inOrder(last[1], last[3], last[4], order)
  return namedDate(plain)
}

/** A two-digit year is one of this century; in the order `iso` it is the first number. */
function inOrder(one = '', two = '', three = '', order: DateOrder): string | undefined {
  if (order === 'mdy') return calendarDate(fullYear(three), one, two)
  if (order === 'dmy') return calendarDate(fullYear(three), two, one)
  return three.length === 4 ? undefined : calendarDate(fullYear(one.padStart(2, '0')), two, three)
}

function fullYear(text: string): string {
  return text.length === 4 ? text : `20${text.replace("'", '')}`
}

function namedDate(plain: string): string | undefined {
  const day_first = day_month_name.exec(plain)
  const month_first = month_name_day.exec(plain)
  const year_first = year_month_name.exec(plain)
  const [name, day, year] =
    day_first !== null
      ? [day_first[2], day_first[1], day_first[3]]
      : month_first !== null
        ? [month_first[1], month_first[2], month_first[3]]
        : [year_first?.[2], year_first?.[3], year_first?.[1]]
  const month = monthNamed(name ?? '')
  return month === undefined ? undefined : calendarDate(fullYear(year ?? ''), String(month), day)
}

const midnight_with_zone = /[T ]00:00(?::00(?:\.0+)?)?(?: ?Z| ?[+-]\d{2}:?\d{2}| UTC)$/
const local_time = /(?:[T ]|, )(?:[01]?\d|2[0-3])[:.][0-5]\d(?::[0-5]\d(?:\.\d+)?)?(?: ?[ap]\.?m\.?)?$/i

/** The date alone, with ASCII digits and single blanks. A time with a zone stays, unless it is midnight: its day could be another. */
function withoutTime(text: string): string {
  if (text.length > 60) return ''
  return text
    .normalize('NFKC')
    .replaceAll(/\p{Cf}/gu, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .replace(/^'/, '')
    .replace(midnight_with_zone, '')
    .replace(local_time, '')
    .replace(/ ?\(\p{L}{1,10}\.?\)$/u, '')
}

/** Without the word in front. "mar." is a Tuesday in "mar. 14 mars" and a month in "Mar 14": the caller tries the month first. */
function withoutWeekday(plain: string): string {
  return plain.replace(/^\p{L}{2,12}\.?,? /u, '')
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
  let dotted: Example | undefined
  return {
    add(line, text) {
      const parts = year_last.exec(withoutWeekday(withoutTime(text)))
      if (parts === null) return
      const [first, second] = [Number(parts[1]), Number(parts[3])]
      if (first > 12 && second <= 12) day_first ??= { line, text }
      else if (second > 12 && first <= 12) month_first ??= { line, text }
      else if (first > 12 || second > 12 || first === second) return
      else if (parts[2] === '.') dotted ??= { line, text }
      else ambiguous ??= { line, text }
    },
    detect() {
      if (day_first !== undefined && month_first !== undefined) {
        throw new ImportError(
          `the dates have different orders: ${day_first.text} in line ${day_first.line} has the day first, ` +
            `${month_first.text} in line ${month_first.line} the month. Correct them, or choose one order: ${choices}`,
          'date_order_required',
        )
      }
      if (day_first === undefined && month_first === undefined && ambiguous !== undefined) {
        throw new ImportError(
          `all dates are ambiguous, such as ${ambiguous.text} in line ${ambiguous.line}: the day or the month can be ` +
            `first. Choose the order: ${choices}`,
          'date_order_required',
        )
      }
      // No language writes 7.14.2028: with dots the day is first (CLDR 46).
      const is_dotted = month_first === undefined && dotted !== undefined
      return day_first !== undefined || is_dotted ? 'dmy' : 'mdy'
    },
  }
}

const choices = '--date-order mdy (month/day/year), dmy (day/month/year) or iso (year-month-day)'
