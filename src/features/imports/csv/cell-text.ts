// The text of a cell: what a spreadsheet, a program or a web page has added to it is taken away.
import { repairLine } from '../../../core/text.ts'

/** How pandas, R, SQL and Excel write an empty cell. Exactly so: "Na" and "Null" are names of people. */
const missing = new Set([
  'NA',
  'N/A',
  'n/a',
  'N.A.',
  'n.a.',
  '#N/A',
  '<NA>',
  'NaN',
  'nan',
  'NAN',
  '-nan',
  'NULL',
  'null',
  '(null)',
  'None',
  '\\N',
])

/** Whether the cell is empty, or says in another word or by a dash that it is. */
function isMissing(raw: string): boolean {
  const text = raw.trim()
  return /^\p{Pd}{0,3}$/u.test(text) || missing.has(text)
}

/** One line in NFC with single blanks, character references decoded. '' for a missing value. */
export function cellText(raw: string): string {
  // Excel keeps a text as it is in a formula: ="00123".
  const text = /^="([^"]*)"$/.exec(raw.trim())?.[1] ?? raw
  return isMissing(text) ? '' : repairLine(text.includes('&') ? decoded(text) : text)
}

const characters: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' }

/** Channels export the titles of their web pages: "B&amp;B". A reference that is not known stays as it is. */
function decoded(text: string): string {
  return text.replaceAll(
    /&(?:(amp|lt|gt|quot|apos|nbsp)|#(\d{2,7})|#x([0-9a-f]{2,6}));/gi,
    (whole, name, decimal, hex) => {
      if (name !== undefined) return characters[String(name).toLowerCase()] ?? whole
      const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal)
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole
    },
  )
}
