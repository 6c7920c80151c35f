// Wire shapes of an import: its options, and the lines of its answer.
import { type Static, Type } from 'typebox'
import { Currency, strictObject } from '../../http/schema.ts'
import { dateOrders } from './csv/dates.ts'
import { stayFormats } from './formats/all-stays.ts'
import { channelNames } from './formats/status-labels.ts'

/** Problems, warnings and changes in an answer. */
export const max_listed = 1000

const max_option_characters = 4000

export const ImportQuery = strictObject({
  kind: Type.Enum(['bookings', 'properties'] as const, { description: 'What the rows of the file are.' }),
  dry_run: Type.Boolean({ default: true }),
  currency: Type.Optional(
    Type.String({ ...Currency, description: 'Of amounts without one. Required for properties of Inside Airbnb.' }),
  ),
  date_order: Type.Optional(Type.Enum([...dateOrders], { description: 'Default: detected from the file.' })),
  source: Type.Optional(Type.Enum([...channelNames], { description: 'The channel of every row.' })),
  format: Type.Optional(
    Type.Enum(
      stayFormats.map(({ id }) => id),
      { description: 'Default: detected from the header.' },
    ),
  ),
  assign: Type.Boolean({
    default: false,
    description: 'Gives each stay of a file without units the first property that is free and large enough.',
  }),
  map: Type.Optional(
    Type.String({
      maxLength: max_option_characters,
      description: 'The columns of a file of another format: `code=Booking no,start=From,end=To,listing=House`.',
    }),
  ),
  aliases: Type.Optional(
    Type.String({
      maxLength: max_option_characters,
      description:
        'Titles of the file for properties, by id, name or external id, one `title=property` in each line. They are remembered.',
    }),
  ),
})
export type ImportQuery = Static<typeof ImportQuery>

const count = (description?: string) => Type.Integer({ minimum: 0, ...(description && { description }) })
const text = (description?: string) => Type.String(description === undefined ? {} : { description })
const column = Type.Union([Type.String(), Type.Null()], { description: 'Null when it is about the whole row.' })

const Report = strictObject(
  {
    dry_run: Type.Boolean(),
    format: text('What the file was recognised as.'),
    columns: Type.Record(Type.String(), Type.String(), { description: 'Field -> column.' }),
    ignored: Type.Array(Type.String(), { description: 'Columns that are not read.' }),
    rows: count(),
    created: count(),
    updated: count(),
    skipped: count('Known already, and unchanged.'),
    conflict: count('Valid, but against a record that exists.'),
    error: count(),
    notes: Type.Array(Type.String()),
    problems: Type.Array(
      strictObject({
        line: count(),
        column,
        outcome: Type.Enum(['conflict', 'error'] as const),
        reason: text(),
        value: Type.Optional(Type.String()),
      }),
      { description: `Rows that are not saved, by line: the first ${max_listed}.` },
    ),
    warnings: Type.Array(strictObject({ line: count(), column, reason: text(), value: text() }), {
      description: `Odd cells of rows that are saved: the first ${max_listed}.`,
    }),
    changes: Type.Array(strictObject({ line: count(), code: text(), field: text(), before: text(), after: text() }), {
      description: `What changes on known bookings: the first ${max_listed}.`,
    }),
    num_warnings: count(),
    num_changes: count(),
  },
  { title: 'ImportReport' },
)
export type Report = Static<typeof Report>

/** One line of the answer. The last one has `report` or `error`. Progress is in rows or bytes. */
export const ImportEvent = strictObject(
  {
    progress: Type.Optional(strictObject({ done: count(), total: count() })),
    report: Type.Optional(Report),
    error: Type.Optional(strictObject({ code: text(), message: text(), request_id: text() })),
  },
  { title: 'ImportEvent', examples: [{ progress: { done: 120, total: 400 } }] },
)
export type ImportEvent = Static<typeof ImportEvent>
