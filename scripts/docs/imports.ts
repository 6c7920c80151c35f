// Generates docs/imports.md from the formats of src/features/imports/formats.
import { mappableFields, stayFormats } from '../../src/features/imports/formats/all-stays.ts'
import { type StayFormat, type StayKey, stayKeys } from '../../src/features/imports/formats/stay-format.ts'

export function importsDoc(): string {
  return `# Imports
Generated from \`src/features/imports/formats\` by \`npm run docs\`; do not edit.

\`\`\`sh
bin/roost import bookings FILE --agency lake --dry-run   # what it would do; then without --dry-run
bin/roost import listings listings.csv --agency lake --currency EUR
\`\`\`
Files are CSV or Excel workbooks (.xlsx, the first sheet). The format is recognised by the header; \`--format\` names it. Exit codes: 0
everything is saved as the file says, 1 some rows are not, 2 nothing was imported.

Admins import in the console under Import: the file is previewed first, titles without a property are assigned there, and nothing is
saved before they say so. \`POST /api/v1/imports\` is the same for programs; its files have at most 8 MB. The audit log names the person.

## What an import changes
A file says what the channel knows; the changes of the office are the office's. Roost keeps what the channel said last about each of
its bookings (table \`channel_bookings\`) and applies only what is different now.

- The same file again changes nothing, whatever the office has done in between.
- The file is planned as a whole: nights that one row frees can be taken by any other. Stays that depend on each other are saved in one
  transaction. An interrupted import is completed by running the same command again.
- A stay that the channel has sold is saved, whatever is odd about it: too many guests, an inactive property, an unreadable or negative
  amount, an unknown status. The report says what is odd. Only a row without code, dates or a known property is refused.
- A stay whose nights are taken is kept as a conflict, with the booking that has the nights. So is a change that contradicts one of the
  office, and a stay that was deleted in Roost and is expected by the channel. \`GET /api/v1/conflicts\` lists them; a conflict takes no
  nights. When its nights are free, the next import of the file makes it a booking.
- A cancellation at the channel cancels the booking where it is now, all parts of a divided stay included. A guest who has arrived is
  a conflict instead.
- A booking that is missing in the file is not cancelled.
- Bookings that an earlier version imported are adopted: if only imports have changed them, differences are applied; if people have,
  other dates and another property are conflicts.

## Amounts
\`total_cents\` is the price of the stay before the fee of the channel, \`payout_cents\` what the channel pays out,
\`channel_fee_cents\` its fee, \`tax_cents\` the tax. A file that has only the payout (Airbnb's reservations) sets the total to the
payout until another file names the price. Amounts without a currency are in the currency of the property, or in \`--currency\`. A row
without any amount gets the price of the property, a cancelled one 0.

## Properties
A property is found by its name, in any case, by its external id, or by a title that was given once:
\`--alias "title in the file=name of the property"\`. Roost also remembers a new title when it comes with the code of a known booking.

## Status
A label is read by its meaning, in English, German, Spanish, French, Italian, Dutch and Portuguese: one that says "cancelled" cancels,
"declined" or "expired" declines. An unknown label is a confirmed stay, with a note. A label never leads backwards: it does not undo a
check-in.

## Other files
\`--map\` names the columns of any other file: \`--map "code=Booking no,start=From,end=To,listing=House,guest=Name"\`. \`code\`, \`start\`,
\`end\` and \`listing\` are required. \`--source\` names the channel.

| field | meaning |
|---|---|
${mappableFields.map((key) => `| \`${key}\` | ${stayKeys[key as StayKey]} |`).join('\n')}

Calendars (.ics) are not imported: they have neither guests nor prices, and channels read them from their address. An old Excel
workbook (.xls) has to be saved as CSV or XLSX first. Stays without a unit (\`--assign\`) are described by \`--help\`.

${stayFormats.map(formatSection).join('\n\n')}
`
}

function formatSection({ id, name, from, source, columns }: StayFormat): string {
  const rows = Object.entries(columns).map(([key, { name: column, aliases = [], is_required }]) => {
    const others = [...new Set(aliases.map((alias) => alias.trim()))].map((alias) => `\`${alias}\``).join(', ')
    return `| \`${column}\`${is_required ? ' (required)' : ''} | \`${key}\` | ${others} |`
  })
  return `## ${name}
\`--format ${id}\`. From ${from}. \`source\`: ${'channel' in columns ? 'as the column says' : `\`${source}\``}.

| column | field | also named |
|---|---|---|
${rows.join('\n')}`
}
