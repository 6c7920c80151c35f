// The list of guests.
import { Trans, useLingui } from '@lingui/react/macro'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { api, bodyOf, type Schema } from '../../api/client.ts'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { PageHeader } from '../../ui/page-header.tsx'
import { SearchInput } from '../../ui/search-input.tsx'
import { useListPages } from '../../ui/use-pages.ts'

type Row = Schema['GuestRow']

const columns: readonly Column<Row>[] = [
  {
    key: 'name',
    title: <Trans>Name</Trans>,
    cell: ({ first_name, last_name, anonymised_at }) =>
      anonymised_at === null ? (
        <strong>
          {first_name} {last_name}
        </strong>
      ) : (
        <span className="dim">
          <Trans>Anonymised</Trans>
        </span>
      ),
  },
  { key: 'phone', title: <Trans>Phone</Trans>, cell: ({ phone }) => phone },
  { key: 'email', title: <Trans>E-mail</Trans>, cell: ({ email }) => email },
]

export function GuestsPage() {
  const { t } = useLingui()
  const { q } = useSearch({ from: '/shell/guests' })
  const navigate = useNavigate({ from: '/guests' })
  const pages = useListPages<Row>({
    queryKey: ['guests', 'list', q],
    read: (cursor, signal) =>
      bodyOf(api.GET('/api/v1/guests', { params: { query: { ...(q !== undefined && { q }), ...cursor } }, signal })),
  })
  return (
    <>
      <PageHeader title={<Trans>Guests</Trans>}>
        <SearchInput
          label={t`Name, e-mail or phone`}
          value={q ?? ''}
          onChange={(text) => void navigate({ search: text === '' ? {} : { q: text }, replace: true })}
        />
      </PageHeader>
      <DataTable
        label={t`Guests`}
        columns={columns}
        {...pages}
        onOpen={({ id }) => void navigate({ to: '/guests/$id', params: { id } })}
        empty={
          <EmptyState
            title={q === undefined ? <Trans>There are no guests yet</Trans> : <Trans>No guest is found</Trans>}
          >
            <Trans>A guest is added with their first booking.</Trans>
          </EmptyState>
        }
      />
    </>
  )
}
