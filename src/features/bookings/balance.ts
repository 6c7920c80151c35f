// The open balance of a booking: what is still to be paid. docs/figures.md has the definition.
import sql from 'sql-template-tag'

/** Without paid_cents: what was received by the payment status; null when it is not known how much. */
const received = sql`coalesce(b.paid_cents, case b.payment_status
  when 'pending' then 0 when 'failed' then 0 when 'partial' then null else b.total_cents end)`

/**
 * Of a booking b, in minor units of its currency: total - received + refunded, at least 0. 0 when the payment is external, null when
 * it is not known how much was received.
 */
export const balance = sql`case when b.payment_status = 'external' then 0
  when ${received} is not null then greatest(b.total_cents - ${received} + coalesce(b.refund_cents, 0), 0) end`
