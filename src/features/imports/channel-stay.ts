// One line of a file of stays: what the channel says, before the property and the currency are known.
import type { ChannelFacts } from '../channels/facts.ts'
import type { ChannelKey } from '../channels/known.ts'
import type { NewGuest } from '../guests/schema.ts'
import type { RowError } from './import-errors.ts'

export type Amounts = Pick<
  ChannelFacts,
  'total_cents' | 'payout_cents' | 'channel_fee_cents' | 'cleaning_fee_cents' | 'tax_cents'
>

/** Something odd that was saved anyway. */
export interface Warning {
  readonly line: number
  /** As the header spells it; null when it is about the whole row. */
  readonly column: string | null
  readonly reason: string
  readonly value: string
}

export interface ChannelStay extends ChannelKey {
  readonly line: number
  /** The titles of the property; the first one that is known decides. */
  readonly titles: readonly string[]
  readonly facts: Omit<ChannelFacts, keyof Amounts | 'property_id' | 'currency'>
  readonly guest: NewGuest | undefined
  /** The code in the file's own column. */
  readonly currency: string | undefined
  /** Unreadable amounts are null, with a warning. */
  readAmounts(currency: string): Amounts
  warn(key: 'adults' | 'listing' | 'total' | 'payout', reason: string): void
  /** About the code, or the column that names the property; a conflict is about the whole row. */
  error(reason: string, about: 'code' | 'property' | 'conflict'): RowError
}
