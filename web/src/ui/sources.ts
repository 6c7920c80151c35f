// The names and letters of where bookings come from. Names of companies are not translated.
import type { MessageDescriptor } from '@lingui/core'
import { msg } from '@lingui/core/macro'
import { useLingui } from '@lingui/react'
import type { Schema } from '../api/client.ts'

export const sources: Readonly<
  Record<Schema['BookingSource'], { readonly name: MessageDescriptor | string; readonly letter: string }>
> = {
  direct: { name: msg`Direct`, letter: 'D' },
  airbnb: { name: 'Airbnb', letter: 'A' },
  booking_com: { name: 'Booking.com', letter: 'B' },
  expedia: { name: 'Expedia', letter: 'E' },
  fewo_direkt: { name: 'FeWo-direkt (Vrbo)', letter: 'V' },
  google: { name: 'Google', letter: 'G' },
  manual: { name: msg`Entered by hand`, letter: 'H' },
  other: { name: msg`Other`, letter: 'O' },
}

export function useSourceName(): (source: Schema['BookingSource']) => string {
  const { i18n } = useLingui()
  return (source) => {
    const { name } = sources[source]
    return typeof name === 'string' ? name : i18n._(name)
  }
}
