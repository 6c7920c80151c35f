// The text of a cell of a workbook, as a CSV file would have it. Dates are YYYY-MM-DD.

/** Formats of dates and times that need no definition (ECMA-376, part 1, 18.8.30). */
const built_in_dates = new Set([14, 15, 16, 17, 22, 27, 28, 29, 30, 31, 34, 35, 36, 50, 51, 52, 53, 54, 55, 56, 57, 58])

/** Whether numbers with this format are dates. `code`: the definition of a format of the workbook. */
export function isDateFormat(id: number, code: string | undefined): boolean {
  if (code === undefined) return built_in_dates.has(id)
  // Without quoted texts, escaped characters, colours and conditions.
  const letters = code.replaceAll(/"[^"]*"|\\.|_.|\*.|\[[^\]]*\]/g, '')
  return /[yd]|m{3}/i.test(letters)
}

/** The day of a serial number: day 60 of the calendar from 1900 does not exist (29 February 1900). */
export function dayOfSerial(serial: number, is_1904: boolean): string | undefined {
  const days = Math.floor(serial)
  if (!Number.isFinite(days) || days < 1 || days > 2_958_465) return undefined
  const epoch = is_1904 ? Date.UTC(1904, 0, 1) : Date.UTC(1899, 11, days < 60 ? 31 : 30)
  return new Date(epoch + days * 86_400_000).toISOString().slice(0, 10)
}

/** Without an exponent: 6.2E+17 is an id that a CSV file would have written out. */
export function plainNumber(text: string): string {
  const number = Number(text)
  if (!Number.isFinite(number)) return text
  if (Number.isSafeInteger(number)) return String(number)
  const short = String(Number(number.toPrecision(15)))
  if (!/e/i.test(short)) return short
  return Number.isInteger(number) ? BigInt(number).toString() : number.toFixed(15).replace(/\.?0+$/, '')
}

/** _x000D_ in texts stands for a character that XML does not allow. */
export function unescapeText(text: string): string {
  return text.replaceAll(/_x([0-9A-F]{4})_/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
}

/** 0 for A, 27 for AB; undefined when the reference has no column. */
export function columnOf(reference: string): number | undefined {
  const letters = /^[A-Z]{1,3}/.exec(reference)?.[0]
  if (letters === undefined) return undefined
  return [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1
}
