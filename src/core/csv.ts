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
  // A negative number stays a number: it cannot be a formula.
  const safe = typeof value !== 'number' && isFormula(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/**
 * Whether a spreadsheet could evaluate the cell (OWASP, CSV injection; an apostrophe makes it text). Blanks and characters that
 * are not seen may stand in front, and the sign may be full-width or small: spreadsheets trim and fold them when the cell is
 * edited or imported.
 */
function isFormula(text: string): boolean {
  return (
    /^[\s\p{Cc}\p{Cf}\p{Z}]*[=+\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u2212]/u.test(text) ||
    /^\s*[\t\r]|^\n/.test(text)
  )
}
