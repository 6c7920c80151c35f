// The list of guests, by name and country.
import { Trans, useLingui } from '@lingui/react/macro'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { api, bodyOf, type Schema } from '../../api/client.ts'
import { CountrySelect, useCountryName } from '../../ui/countries.tsx'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { PageHeader } from '../../ui/page-header.tsx'
import { SearchInput } from '../../ui/search-input.tsx'
import { useListPages } from '../../ui/use-pages.ts'
import { SavedViews } from '../views/saved-views.tsx'
import { readSearch, type Search } from './search.ts'

type Row = Schema['GuestRow']

const fixedColumns: readonly Column<Row>[] = [
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
  const { q, country } = useSearch({ from: '/shell/guests' })
  const navigate = useNavigate({ from: '/guests' })
  // A view that is applied replaces the text of the search: it is a new field then.
  const [applied, setApplied] = useState(0)
  const nameOf = useCountryName()
  const columns: readonly Column<Row>[] = [
    ...fixedColumns,
    {
      key: 'country',
      title: <Trans>Country</Trans>,
      is_minor: true,
      cell: (row) => row.country !== null && nameOf(row.country),
    },
  ]
  const filters: Search = { ...(q !== undefined && { q }), ...(country !== undefined && { country }) }
  const change = (next: Search) => void navigate({ search: readSearch({ ...next }), replace: true })
  const pages = useListPages<Row>({
    queryKey: ['guests', 'list', filters],
    read: (cursor, signal) =>
      bodyOf(api.GET('/api/v1/guests', { params: { query: { ...filters, ...cursor } }, signal })),
  })
  return (
    <>
      <PageHeader title={<Trans>Guests</Trans>}>
        <SearchInput
          key={applied}
          label={t`Name, e-mail or phone`}
          value={q ?? ''}
          onChange={(text) => change({ ...filters, q: text })}
        />
        <CountrySelect is_filter value={country ?? ''} onChange={(code) => change({ ...filters, country: code })} />
        <SavedViews
          list="guests"
          filters={{ ...filters }}
          onApply={(next) => {
            void navigate({ search: readSearch({ ...next }), replace: true }).then(() => setApplied(applied + 1))
          }}
        />
      </PageHeader>
      <DataTable
        label={t`Guests`}
        columns={columns}
        {...pages}
        onOpen={({ id }) => void navigate({ to: '/guests/$id', params: { id } })}
        empty={
          <EmptyState
            title={
              Object.keys(filters).length === 0 ? (
                <Trans>There are no guests yet</Trans>
              ) : (
                <Trans>No guest is found</Trans>
              )
            }
          >
            <Trans>A guest is added with their first booking.</Trans>
          </EmptyState>
        }
      />
    </>
  )
}
