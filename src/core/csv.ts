// Writes CSV (RFC 4180) whose cells spreadsheets never evaluate as formulas.

/** The first character of a file; spreadsheets then read it as UTF-8. */
export const byteOrderMark = '\ufeff'

/** One line with its CRLF. Null is an empty cell, an object is written as JSON. */
export function csvLine(cells: readonly unknown[]): string {
  return `${cells.map(cell).join(',')}\r\n`
}

function cell(value: unknown): string {
  const text =
    value === null || value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : `${value}`
  // OWASP, CSV injection: Excel and LibreOffice evaluate such cells as formulas; an apostrophe makes them text.
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
