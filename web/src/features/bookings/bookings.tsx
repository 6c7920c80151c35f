// The list of bookings with its filters, as a file as well.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { IconDownload, IconPlus } from '@tabler/icons-react'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { api, bodyOf } from '../../api/client.ts'
import { errorSentence } from '../../api/errors.ts'
import { useCan } from '../../api/me.ts'
import { useOverlays } from '../../shell/overlays.ts'
import { offerUndo } from '../../shell/undo.ts'
import { ColumnChoice } from '../../ui/column-choice.tsx'
import { DataTable } from '../../ui/data-table.tsx'
import { download } from '../../ui/download.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { PageHeader } from '../../ui/page-header.tsx'
import { useShortcuts } from '../../ui/shortcuts.ts'
import { useListPages } from '../../ui/use-pages.ts'
import { SavedViews } from '../views/saved-views.tsx'
import { type Row, shownColumns, useColumns } from './parts/columns.tsx'
import { BookingFilters } from './parts/filters.tsx'
import { readSearch, type Search } from './search.ts'

export function BookingsPage() {
  const { t } = useLingui()
  const can = useCan()
  const search = useSearch({ from: '/shell/bookings' })
  const navigate = useNavigate({ from: '/bookings' })
  const { openBooking, newBooking } = useOverlays()
  // A view that is applied replaces the text of the search: it is a new field then.
  const [applied, setApplied] = useState(0)
  const columns = useColumns()
  const {
    over: _,
    id: __,
    homes: ___,
    from_day: ____,
    to_day: _____,
    columns: chosen,
    ...filters
  } = search as Search & Record<string, unknown>
  const pages = useListPages<Row>({
    queryKey: ['bookings', 'list', filters],
    read: (cursor, signal) =>
      bodyOf(api.GET('/api/v1/bookings', { params: { query: { ...(filters as Search), ...cursor } }, signal })),
  })
  const shown = shownColumns(columns, chosen)
  const go = (next: Search) => void navigate({ search: next, replace: true })
  const kept = chosen === undefined ? {} : { columns: chosen }
  const change = (next: Search) => go({ ...next, ...kept })
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
        <BookingFilters key={applied} search={filters as Search} onChange={change} />
        <SavedViews
          list="bookings"
          filters={{ ...(filters as Search), ...kept }}
          onApply={(next) => {
            void navigate({ search: readSearch({ ...next }), replace: true }).then(() => setApplied(applied + 1))
          }}
        />
        <ColumnChoice
          columns={columns}
          shown={shown}
          is_chosen={chosen !== undefined}
          onChange={(keys) => go({ ...(filters as Search), ...(keys && { columns: keys.join(',') }) })}
        />
      </PageHeader>
      <DataTable
        label={t`Bookings`}
        columns={columns.filter(({ key }) => shown.includes(key))}
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
