// Wire shapes of the calendar, the overview, the explanation of a stay, and blocks.
import { type Static, Type } from 'typebox'
import {
  Id,
  LocalDate,
  nullable,
  Page,
  pageQuery,
  sampleId,
  strictObject,
  Timestamp,
  text,
  Version,
  withDefaults,
} from '../../http/schema.ts'
import { rules, weekdays } from '../properties/schema.ts'
import { ruleNames } from './rules.ts'

export const max_range_days = 750
export const max_overview_days = 100

const range = { from: LocalDate, to: LocalDate }

export const CalendarQuery = strictObject({ property_id: Id, ...range })
export type CalendarQuery = Static<typeof CalendarQuery>

const StayRules = strictObject(
  {
    is_active: Type.Boolean({ description: 'Inactive properties take no bookings.' }),
    ...rules,
  },
  { title: 'StayRules' },
)

const ids = {
  booking_id: Type.Optional(Id),
  block_id: Type.Optional(Id),
  hold_id: Type.Optional(Id),
}
const taken = Type.Enum(['booking', 'block', 'hold', 'channel'] as const)

const Interval = strictObject(
  {
    kind: Type.Enum(['free', 'booking', 'block', 'hold', 'channel'] as const),
    check_in: LocalDate,
    check_out: LocalDate,
    ...ids,
  },
  { title: 'Interval' },
)
export type Interval = Static<typeof Interval>

export const Calendar = strictObject(
  {
    property_id: Id,
    from: LocalDate,
    to: LocalDate,
    today: Type.String({ format: 'date', description: 'The local day of the property.' }),
    rules: StayRules,
    intervals: Type.Array(Interval, {
      description:
        'Covers all nights from `from` to `to`. The id of a booking, block or hold is present if the caller may read it.',
    }),
  },
  { title: 'Calendar' },
)
export type Calendar = Static<typeof Calendar>

export const OverviewQuery = strictObject({
  ...range,
  limit: Type.Integer({
    minimum: 1,
    maximum: 5000,
    default: 5000,
    description: 'Properties per page. A page has fewer if it would exceed 2 MB.',
  }),
  cursor: pageQuery.cursor,
})
export type OverviewQuery = Static<typeof OverviewQuery>

const Occupied = strictObject({ kind: taken, check_in: LocalDate, check_out: LocalDate, ...ids }, { title: 'Occupied' })

export const Overview = strictObject(
  {
    from: LocalDate,
    to: LocalDate,
    items: Type.Array(
      strictObject({
        property_id: Id,
        name: Type.String(),
        is_active: Type.Boolean(),
        occupied: Type.Array(Occupied, {
          description: 'Bookings, blocks and holds with nights in the range. Their dates are not clipped to the range.',
        }),
      }),
    ),
    next_cursor: Type.Union([Type.String(), Type.Null()], { description: 'null on the last page.' }),
  },
  { title: 'Overview' },
)
export type Overview = Static<typeof Overview>

export const ExplainQuery = strictObject({ property_id: Id, check_in: LocalDate, check_out: LocalDate })
export type ExplainQuery = Static<typeof ExplainQuery>

const RuleResult = strictObject(
  {
    rule: Type.Enum(ruleNames),
    is_kept: Type.Boolean(),
    limit: Type.Union([Type.Integer(), Type.Array(Type.Enum(weekdays, { title: 'Weekday' })), Type.Null()], {
      description: 'The setting of the property: a number of days or nights, or weekdays; null when it has none.',
    }),
    pointer: Type.Enum(['/property_id', '/check_in', '/check_out'] as const),
    message: Type.String(),
  },
  { title: 'RuleResult' },
)

export const Explanation = strictObject(
  {
    is_bookable: Type.Boolean(),
    rule: nullable(Type.Enum(ruleNames, { description: 'The first rule that the stay breaks.' })),
    message: Type.String(),
    conflict: Type.Optional(Occupied),
    rules: Type.Array(RuleResult),
  },
  { title: 'Explanation' },
)
export type Explanation = Static<typeof Explanation>

const block = {
  start_date: LocalDate,
  end_date: Type.String({ ...LocalDate, description: 'Not blocked: the last blocked night is the one before.' }),
  reason: Type.Enum(['maintenance', 'owner_use', 'other'] as const, { title: 'BlockReason' }),
  notes: nullable(text(1000)),
}

const { notes, ...requiredOfBlock } = block
export const NewBlock = strictObject(
  { property_id: Id, ...requiredOfBlock, ...withDefaults({ notes }, { notes: null }) },
  {
    title: 'NewBlock',
    examples: [
      {
        property_id: sampleId,
        start_date: '2027-11-01',
        end_date: '2027-11-15',
        reason: 'maintenance',
      },
    ],
  },
)
export type NewBlock = Static<typeof NewBlock>

const max_blocks = 100

export const NewBlocks = strictObject(
  {
    property_ids: Type.Array(Id, { minItems: 1, maxItems: max_blocks, uniqueItems: true }),
    ...requiredOfBlock,
    ...withDefaults({ notes }, { notes: null }),
  },
  {
    title: 'NewBlocks',
    examples: [{ property_ids: [sampleId], start_date: '2027-11-01', end_date: '2027-11-15', reason: 'maintenance' }],
  },
)
export type NewBlocks = Static<typeof NewBlocks>

export const BlockPatch = Type.Partial(strictObject(block), {
  title: 'BlockPatch',
  additionalProperties: false,
  minProperties: 1,
  examples: [{ end_date: '2027-11-20' }],
})
export type BlockPatch = Static<typeof BlockPatch>

export const Block = strictObject(
  {
    id: Id,
    property_id: Id,
    ...block,
    created_by: nullable(Id),
    version: Version,
    created_at: Timestamp,
    updated_at: Timestamp,
  },
  { title: 'Block' },
)
export type Block = Static<typeof Block>

export const Blocks = strictObject(
  { items: Type.Array(Block, { description: 'In the order of `property_ids`.' }) },
  { title: 'Blocks' },
)
export type Blocks = Static<typeof Blocks>

export const BlockPage = Page(Block)

const day = '[12][0-9]{3}-[0-9]{2}-[0-9]{2}'

export const BlockQuery = strictObject({
  ...pageQuery,
  property_id: Type.Optional(Id),
  overlaps: Type.Optional(
    Type.String({
      pattern: `^${day}/${day}$`,
      description: 'Blocks with at least one night in this half-open range of dates, such as 2027-07-01/2027-07-08.',
      examples: ['2027-07-01/2027-07-08'],
    }),
  ),
  reason: Type.Optional(block.reason),
})
export type BlockQuery = Static<typeof BlockQuery>
