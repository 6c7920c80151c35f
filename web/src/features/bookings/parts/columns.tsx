// The columns of the list of bookings.
import { Trans } from '@lingui/react/macro'
import type { Schema } from '../../../api/client.ts'
import { useDays } from '../../../locales/days.ts'
import { useMoney } from '../../../locales/money.ts'
import { useCountryName } from '../../../ui/countries.tsx'
import type { Column } from '../../../ui/data-table.tsx'
import { usePaymentName } from '../../../ui/payment-names.ts'
import { useSourceName } from '../../../ui/sources.ts'
import { StatusMark } from '../../../ui/status-mark.tsx'
import { guestName } from '../drawer/guest-name.ts'

export type Row = Schema['BookingPage']['items'][number]

const not_usual = ['country', 'phone', 'email']

/** The keys of the columns to show. `chosen`: of the address. */
export function shownColumns(columns: readonly Column<Row>[], chosen: string | undefined): string[] {
  const keys = columns.map(({ key }) => key)
  const wanted = chosen?.split(',').filter((key) => keys.includes(key)) ?? []
  return wanted.length > 0 ? wanted : keys.filter((key) => !not_usual.includes(key))
}

/** All columns, in the order of the table. */
export function useColumns(): Column<Row>[] {
  const days = useDays()
  const money = useMoney()
  const sourceName = useSourceName()
  const paymentName = usePaymentName()
  const countryName = useCountryName()
  return [
    { key: 'guest', title: <Trans>Guest</Trans>, cell: (row) => <strong>{guestName(row) ?? row.reference}</strong> },
    { key: 'status', title: <Trans>Status</Trans>, cell: ({ status }) => <StatusMark status={status} /> },
    { key: 'home', title: <Trans>Home</Trans>, cell: ({ property_name }) => property_name },
    {
      key: 'total',
      title: <Trans>Total</Trans>,
      is_number: true,
      cell: ({ total_cents, currency }) => money(total_cents, currency),
    },
    { key: 'stay', title: <Trans>Stay</Trans>, cell: (row) => days.stay(row.check_in, row.check_out) },
    {
      key: 'nights',
      title: <Trans>Nights</Trans>,
      is_number: true,
      is_minor: true,
      cell: ({ num_nights }) => num_nights,
    },
    {
      key: 'people',
      title: <Trans>People</Trans>,
      is_number: true,
      is_minor: true,
      cell: ({ num_guests }) => num_guests,
    },
    {
      key: 'payment',
      title: <Trans>Payment</Trans>,
      is_minor: true,
      cell: ({ payment_status }) => paymentName(payment_status),
    },
    { key: 'source', title: <Trans>Source</Trans>, is_minor: true, cell: ({ source }) => sourceName(source) },
    {
      key: 'country',
      title: <Trans>Country</Trans>,
      is_minor: true,
      cell: ({ guest }) => typeof guest?.country === 'string' && countryName(guest.country),
    },
    { key: 'phone', title: <Trans>Phone</Trans>, is_minor: true, cell: ({ guest }) => guest?.phone },
    { key: 'email', title: <Trans>E-mail</Trans>, is_minor: true, cell: ({ guest }) => guest?.email },
    { key: 'reference', title: <Trans>Reference</Trans>, is_minor: true, cell: ({ reference }) => reference },
  ]
}
