// The names of the states of payment.
import type { MessageDescriptor } from '@lingui/core'
import { msg } from '@lingui/core/macro'
import { useLingui } from '@lingui/react'
import type { Schema } from '../api/client.ts'

export const paymentNames: Readonly<Record<Schema['PaymentStatus'], MessageDescriptor>> = {
  pending: msg`Not paid`,
  partial: msg`Partly paid`,
  paid: msg`Paid`,
  refunded: msg`Refunded`,
  partial_refund: msg`Partly refunded`,
  failed: msg`Payment failed`,
  external: msg`Paid at the channel`,
}

export function usePaymentName(): (status: Schema['PaymentStatus']) => string {
  const { i18n } = useLingui()
  return (status) => i18n._(paymentNames[status])
}
