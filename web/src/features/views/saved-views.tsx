// The views that a person has saved for a list: applies, saves, renames, replaces and deletes them.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button, Popover, Stack } from '@mantine/core'
import { IconBookmark } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { ErrorState } from '../../ui/error-state.tsx'
import { SaveView } from './parts/save-view.tsx'
import { ViewRow } from './parts/view-row.tsx'
import { type Filters, type List, viewsQuery } from './queries.ts'

interface Props {
  readonly list: List
  /** Of the address. */
  readonly filters: Filters
  readonly onApply: (filters: Filters) => void
}

export function SavedViews({ list, filters, onApply }: Props) {
  const { t } = useLingui()
  const [is_open, setOpen] = useState(false)
  const { data, error, refetch } = useQuery({ ...viewsQuery(list), enabled: is_open })
  const kept = savable(list, filters)
  return (
    <Popover opened={is_open} onChange={setOpen} position="bottom-start" width={300} shadow="md" trapFocus>
      <Popover.Target>
        <Button
          variant="default"
          px={10}
          aria-label={t`Saved views`}
          aria-expanded={is_open}
          onClick={() => setOpen(!is_open)}
        >
          <IconBookmark size={16} />
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="xs">
          <strong>
            <Trans>Saved views</Trans>
          </strong>
          {error !== null && <ErrorState error={error} retry={() => void refetch()} />}
          {data?.items.length === 0 && (
            <span className="dim">
              <Trans>You have saved no view of this list yet.</Trans>
            </span>
          )}
          {data?.items.map((view) => (
            <ViewRow
              key={view.id}
              view={view}
              filters={kept}
              onApply={() => {
                setOpen(false)
                onApply(view.filters as Filters)
              }}
            />
          ))}
          <SaveView list={list} filters={kept} has_search={kept !== filters && filters.q !== undefined} />
        </Stack>
      </Popover.Dropdown>
    </Popover>
  )
}

/** A search text of bookings or guests can name a guest: it is not saved. */
function savable(list: List, filters: Filters): Filters {
  if (list === 'properties') return filters
  const { q: _, ...rest } = filters
  return rest
}
