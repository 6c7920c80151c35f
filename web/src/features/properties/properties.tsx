// The list of homes.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { api, bodyOf } from '../../api/client.ts'
import { useCan } from '../../api/me.ts'
import { useMoney } from '../../locales/money.ts'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { PageHeader } from '../../ui/page-header.tsx'
import { SearchInput } from '../../ui/search-input.tsx'
import { useListPages } from '../../ui/use-pages.ts'
import { Thumbnail } from '../photos/picture.tsx'
import { coversQuery } from '../photos/queries.ts'
import { SavedViews } from '../views/saved-views.tsx'
import { NewHome } from './parts/new-home.tsx'
import classes from './property.module.css'
import type { Property } from './queries.ts'
import { readSearch } from './search.ts'
import { useTypeName } from './types.ts'

export function PropertiesPage() {
  const { t } = useLingui()
  const can = useCan()
  const { q } = useSearch({ from: '/shell/properties' })
  const navigate = useNavigate({ from: '/properties' })
  const [is_new, setNew] = useState(false)
  // A view that is applied replaces the text of the search: it is a new field then.
  const [applied, setApplied] = useState(0)
  const columns = useColumns()
  const pages = useListPages<Property>({
    queryKey: ['properties', 'list', q],
    read: (cursor, signal) =>
      bodyOf(
        api.GET('/api/v1/properties', { params: { query: { ...(q !== undefined && { q }), ...cursor } }, signal }),
      ),
  })
  return (
    <>
      <PageHeader
        title={<Trans>Homes</Trans>}
        actions={
          can('properties:create') && (
            <Button leftSection={<IconPlus size={16} />} onClick={() => setNew(true)}>
              <Trans>New home</Trans>
            </Button>
          )
        }
      >
        <SearchInput
          label={t`Name or city`}
          value={q ?? ''}
          key={applied}
          onChange={(text) => void navigate({ search: text === '' ? {} : { q: text }, replace: true })}
        />
        <SavedViews
          list="properties"
          filters={q === undefined ? {} : { q }}
          onApply={(next) => {
            void navigate({ search: readSearch({ ...next }), replace: true }).then(() => setApplied(applied + 1))
          }}
        />
      </PageHeader>
      <DataTable
        label={t`Homes`}
        columns={columns}
        {...pages}
        onOpen={({ id }) => void navigate({ to: '/properties/$id', params: { id } })}
        empty={
          <EmptyState title={q === undefined ? <Trans>There are no homes yet</Trans> : <Trans>No home is found</Trans>}>
            {q === undefined && <Trans>Add the first one here, or import a list.</Trans>}
          </EmptyState>
        }
      />
      {is_new && <NewHome onClose={() => setNew(false)} />}
    </>
  )
}

function useColumns(): Column<Property>[] {
  const { data: covers } = useQuery(coversQuery())
  const money = useMoney()
  const typeName = useTypeName()
  return [
    {
      key: 'name',
      title: <Trans>Name</Trans>,
      cell: ({ id, name, is_active }) => (
        <span className={classes.named}>
          {(covers?.size ?? 0) > 0 && <Thumbnail photo={covers?.get(id)} />}
          <span>
            <strong>{name}</strong>
            {!is_active && (
              <span className="dim">
                {' · '}
                <Trans>not active</Trans>
              </span>
            )}
          </span>
        </span>
      ),
    },
    {
      key: 'price',
      title: <Trans>A night</Trans>,
      is_number: true,
      cell: ({ base_price_cents, currency }) => (base_price_cents === null ? '–' : money(base_price_cents, currency)),
    },
    { key: 'city', title: <Trans>City</Trans>, cell: ({ city }) => city },
    {
      key: 'people',
      title: <Trans>People</Trans>,
      is_number: true,
      is_minor: true,
      cell: ({ max_guests }) => max_guests,
    },
    {
      key: 'bedrooms',
      title: <Trans>Bedrooms</Trans>,
      is_number: true,
      is_minor: true,
      cell: ({ bedrooms }) => bedrooms,
    },
    { key: 'type', title: <Trans>Type</Trans>, is_minor: true, cell: ({ property_type }) => typeName(property_type) },
    {
      key: 'min',
      title: <Trans>Minimum nights</Trans>,
      is_number: true,
      is_minor: true,
      cell: ({ min_nights }) => min_nights,
    },
  ]
}
