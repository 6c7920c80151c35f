// The list of bookings with its filters, as a file as well.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { IconDownload, IconPlus } from '@tabler/icons-react'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { api, bodyOf, type Schema } from '../../api/client.ts'
import { errorSentence } from '../../api/errors.ts'
import { useCan } from '../../api/me.ts'
import { useDays } from '../../locales/days.ts'
import { useMoney } from '../../locales/money.ts'
import { useOverlays } from '../../shell/overlays.ts'
import { offerUndo } from '../../shell/undo.ts'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { download } from '../../ui/download.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { PageHeader } from '../../ui/page-header.tsx'
import { usePaymentName } from '../../ui/payment-names.ts'
import { useShortcuts } from '../../ui/shortcuts.ts'
import { useSourceName } from '../../ui/sources.ts'
import { StatusMark } from '../../ui/status-mark.tsx'
import { useListPages } from '../../ui/use-pages.ts'
import { guestName } from './drawer/guest-name.ts'
import { BookingFilters } from './parts/filters.tsx'
import type { Search } from './search.ts'

type Row = Schema['BookingPage']['items'][number]

export function BookingsPage() {
  const { t } = useLingui()
  const can = useCan()
  const search = useSearch({ from: '/shell/bookings' })
  const navigate = useNavigate({ from: '/bookings' })
  const { openBooking, newBooking } = useOverlays()
  const columns = useColumns()
  const {
    over: _,
    id: __,
    homes: ___,
    from_day: ____,
    to_day: _____,
    ...filters
  } = search as Search & Record<string, unknown>
  const pages = useListPages<Row>({
    queryKey: ['bookings', 'list', filters],
    read: (cursor, signal) =>
      bodyOf(api.GET('/api/v1/bookings', { params: { query: { ...(filters as Search), ...cursor } }, signal })),
  })
  const change = (next: Search) => void navigate({ search: next, replace: true })
  useShortcuts(can('bookings:create') ? { n: () => newBooking() } : {})
  const is_filtered = Object.keys(filters).length > 0
  return (
    <>
      <PageHeader
        title={<Trans>Bookings</Trans>}
        actions={
          <>
            <Export filters={filters as Search} />
            {can('bookings:create') && (
              <Button leftSection={<IconPlus size={16} />} onClick={() => newBooking()}>
                <Trans>New booking</Trans>
              </Button>
            )}
          </>
        }
      >
        <BookingFilters search={filters as Search} onChange={change} />
      </PageHeader>
      <DataTable
        label={t`Bookings`}
        columns={columns}
        {...pages}
        onOpen={({ id }) => openBooking(id)}
        empty={
          <EmptyState
            title={
              is_filtered ? <Trans>No booking matches these filters</Trans> : <Trans>There are no bookings yet</Trans>
            }
            action={
              is_filtered && (
                <Button variant="default" onClick={() => change({})}>
                  <Trans>Clear all filters</Trans>
                </Button>
              )
            }
          />
        }
      />
    </>
  )
}

function useColumns(): Column<Row>[] {
  const days = useDays()
  const money = useMoney()
  const sourceName = useSourceName()
  const paymentName = usePaymentName()
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
    { key: 'reference', title: <Trans>Reference</Trans>, is_minor: true, cell: ({ reference }) => reference },
  ]
}

function Export({ filters }: { readonly filters: Search }) {
  const { i18n, t } = useLingui()
  const [is_busy, setBusy] = useState(false)
  async function save(): Promise<void> {
    setBusy(true)
    try {
      const query = new URLSearchParams(filters as Record<string, string>)
      await download(`/api/v1/bookings/export?${query}`, 'bookings.csv')
    } catch (error) {
      offerUndo({ text: errorSentence(i18n, error) })
    } finally {
      setBusy(false)
    }
  }
  return (
    <Button variant="default" px={10} loading={is_busy} aria-label={t`Save as CSV`} onClick={() => void save()}>
      <IconDownload size={16} />
    </Button>
  )
}
