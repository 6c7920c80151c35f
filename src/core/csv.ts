// Lines of a CSV file (RFC 4180) that a spreadsheet opens as text: nothing in a cell is ever taken for a formula.

/** What a file begins with, so that spreadsheets read it as UTF-8. */
export const byteOrderMark = '\ufeff'

/** One line with its CRLF. Null is an empty cell, an object is written as JSON. */
export function csvLine(cells: readonly unknown[]): string {
  return `${cells.map(cell).join(',')}\r\n`
}

function cell(value: unknown): string {
  const text =
    value === null || value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : `${value}`
  // OWASP: cells that begin so are run as formulas by Excel and LibreOffice; an apostrophe makes them text.
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}
