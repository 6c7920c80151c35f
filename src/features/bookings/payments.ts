// What was paid and refunded for a booking, and the payment status that follows from it.
import { invalid } from '../../core/errors.ts'
import type { FullBooking } from './schema.ts'

export type Payments = Pick<FullBooking, 'paid_cents' | 'payment_status'>
type Paid = Pick<FullBooking, 'total_cents' | 'paid_cents' | 'refund_cents' | 'payment_status'>
type PaymentStatus = FullBooking['payment_status']

interface GivenPayments {
  readonly paid_cents?: number | undefined
  readonly payment_status?: PaymentStatus | undefined
}

/** Statuses that say something else than amounts; they are kept until a payment or refund is entered. */
const manual: readonly PaymentStatus[] = ['external', 'failed']

/** What was received; null when it is not known how much. Bookings without `paid_cents` have only a status. */
function receivedOf({ paid_cents, payment_status, total_cents }: Paid): number | null {
  if (paid_cents !== null) return paid_cents
  if (payment_status === 'pending' || payment_status === 'failed') return 0
  return payment_status === 'partial' ? null : total_cents
}

function statusOf(paid: number, refund: number, total: number): PaymentStatus {
  if (refund > 0) return refund >= paid ? 'refunded' : 'partial_refund'
  if (paid === 0) return 'pending'
  return paid < total ? 'partial' : 'paid'
}

/** The payments of a new booking. Throws ValidationError when amount and status contradict each other. */
export function newPayments({ paid_cents, payment_status }: GivenPayments, total_cents: number): Payments {
  if (paid_cents !== undefined) return agreeing(paid_cents, payment_status, statusOf(paid_cents, 0, total_cents))
  const status = payment_status ?? 'pending'
  return { payment_status: status, paid_cents: receivedByStatus(status, total_cents) }
}

function receivedByStatus(status: PaymentStatus, total: number): number | null {
  if (status === 'pending') return 0
  return status === 'paid' ? total : null
}

function agreeing(paid_cents: number, given: PaymentStatus | undefined, derived: PaymentStatus): Payments {
  if (given === undefined || given === derived) return { paid_cents, payment_status: derived }
  if (manual.includes(given)) return { paid_cents, payment_status: given }
  throw invalid('/payment_status', `is ${derived} with paid_cents ${paid_cents}`, 'CONTRADICTS_PAID_CENTS')
}

/**
 * The payments after an update of the booking; `total_cents` is the new total. A changed total changes the status, not what
 * was paid. Throws ValidationError.
 */
export function changedPayments(before: Paid, given: GivenPayments, total_cents: number): Partial<Payments> {
  const refund = before.refund_cents ?? 0
  if (given.paid_cents !== undefined) return newAmount(given.paid_cents, given.payment_status, refund, total_cents)
  if (given.payment_status !== undefined) return newStatus(before, given.payment_status, total_cents)
  if (total_cents === before.total_cents) return {}
  const received = receivedOf(before)
  // A refund is at most what was paid, and without an amount that is the total.
  if (refund > 0) return { paid_cents: received ?? before.total_cents }
  if (received === null || manual.includes(before.payment_status)) return {}
  return { paid_cents: received, payment_status: statusOf(received, 0, total_cents) }
}

function newAmount(paid: number, given: PaymentStatus | undefined, refund: number, total: number): Payments {
  if (paid < refund) throw invalid('/paid_cents', `is less than the refund (${refund})`, 'BELOW_REFUND')
  const is_paid_again = refund > 0 && paid - refund >= total
  return agreeing(paid, given, is_paid_again ? 'paid' : statusOf(paid, refund, total))
}

function newStatus(before: Paid, payment_status: PaymentStatus, total: number): Payments {
  const refund = before.refund_cents ?? 0
  if (refund === 0) return { payment_status, paid_cents: receivedByStatus(payment_status, total) }
  if (payment_status === 'paid') return { payment_status, paid_cents: total + refund }
  if (payment_status === 'pending') {
    throw invalid('/payment_status', `cannot be pending: ${refund} was refunded`, 'CONTRADICTS_REFUND')
  }
  return { payment_status, paid_cents: receivedOf(before) ?? before.total_cents }
}

type Refunded = Partial<Payments> & { readonly refund_cents: number }

/** The columns after a refund of `refund_cents` in total. Throws ValidationError when it is more than was paid. */
export function refundOf(before: Paid, refund_cents: number): Refunded {
  const received = receivedOf(before)
  const limit = received ?? before.total_cents
  if (refund_cents > limit) throw invalid('/refund_cents', `is more than was paid (${limit})`, 'TOO_LARGE')
  if (refund_cents === 0 && (before.refund_cents ?? 0) === 0) return { refund_cents }
  if (received === null && refund_cents === 0) return { refund_cents, payment_status: 'partial' }
  return { refund_cents, paid_cents: limit, payment_status: statusOf(limit, refund_cents, before.total_cents) }
}

/**
 * Divides the payments between the parts of a split stay: what exceeds the price of the first part belongs to the second. The
 * refund stays with the first part.
 */
export function splitPayments(before: Paid, first_total: number, second_total: number): readonly [Payments, Payments] {
  const { payment_status } = before
  const refund = before.refund_cents ?? 0
  const received = refund > 0 ? (receivedOf(before) ?? before.total_cents) : receivedOf(before)
  if (received === null || (refund === 0 && manual.includes(payment_status))) {
    return [
      { payment_status, paid_cents: null },
      { payment_status, paid_cents: null },
    ]
  }
  const second = Math.max(0, Math.min(received - refund - first_total, second_total))
  const first = received - second
  return [
    { paid_cents: first, payment_status: statusOf(first, refund, first_total) },
    { paid_cents: second, payment_status: statusOf(second, 0, second_total) },
  ]
}
