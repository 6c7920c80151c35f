// Sets and corrects the refund of a booking.
import type { Tx } from '../../core/postgres/transaction.ts'
import type { ExpectedVersions } from '../../core/versions.ts'
import { refundOf } from './payments.ts'
import { lockBooking, saveChanges } from './save.ts'
import type { FullBooking, RefundChange } from './schema.ts'

/**
 * Sets what was refunded in total, for bookings of every status; the payment status follows. The same amount and reason again
 * change nothing. Throws BookingNotFoundError, VersionMismatchError, ValidationError when it is more than was paid.
 */
export async function setRefund(
  tx: Tx,
  id: string,
  { refund_cents, refund_reason }: RefundChange,
  expected?: ExpectedVersions,
): Promise<FullBooking> {
  const before = await lockBooking(tx, id, expected)
  if (before.refund_cents === refund_cents && before.refund_reason === refund_reason) return before
  return saveChanges(tx, before, { ...refundOf(before, refund_cents), refund_reason }, 'booking.refunded')
}
