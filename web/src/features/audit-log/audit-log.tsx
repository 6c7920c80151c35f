// The audit log: who changed what, latest first, with the values before and after.
import { Trans, useLingui } from '@lingui/react/macro'
import { ActionIcon, Button } from '@mantine/core'
import { IconDownload, IconFilter } from '@tabler/icons-react'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { api, bodyOf, type Schema } from '../../api/client.ts'
import { errorSentence } from '../../api/errors.ts'
import { useDays } from '../../locales/days.ts'
import { offerUndo } from '../../shell/undo.ts'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { download } from '../../ui/download.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { PageHeader } from '../../ui/page-header.tsx'
import { useRoleName } from '../../ui/role-name.ts'
import { useListPages } from '../../ui/use-pages.ts'
import { Changes } from './parts/changes.tsx'
import { AuditFilters } from './parts/filters.tsx'
import { RecordLink } from './parts/record-link.tsx'
import { queryOf, readSearch, type Search } from './search.ts'

type Entry = Schema['AuditEntry']

export function AuditLogPage() {
  const { t } = useLingui()
  const search = readSearch(useSearch({ from: '/shell/settings/audit-log' }) as Record<string, unknown>)
  const navigate = useNavigate({ from: '/settings/audit-log' })
  const change = (next: Search) => void navigate({ search: next, replace: true })
  const query = queryOf(search)
  const pages = useListPages<Entry>({
    queryKey: ['audit-log', query],
    read: (cursor, signal) =>
      bodyOf(api.GET('/api/v1/audit-log', { params: { query: { ...query, ...cursor } }, signal })),
  })
  const columns = useColumns((entity_id) => change({ entity_id }))
  const is_filtered = Object.keys(search).length > 0
  return (
    <>
      <PageHeader title={<Trans>Audit log</Trans>} actions={<Export query={query} />}>
        <AuditFilters search={search} onChange={change} />
      </PageHeader>
      <DataTable
        label={t`Audit log`}
        columns={columns}
        {...pages}
        empty={
          is_filtered ? (
            <EmptyState
              title={<Trans>No change matches these filters</Trans>}
              action={
                <Button variant="default" onClick={() => change({})}>
                  <Trans>Clear all filters</Trans>
                </Button>
              }
            />
          ) : (
            <EmptyState title={<Trans>Nothing was changed yet</Trans>} />
          )
        }
      />
    </>
  )
}

function Export({ query }: { readonly query: Record<string, string> }) {
  const { i18n, t } = useLingui()
  const [is_busy, setBusy] = useState(false)
  async function save(): Promise<void> {
    setBusy(true)
    try {
      await download(`/api/v1/audit-log/export?${new URLSearchParams(query)}`, 'audit-log.csv')
    } catch (error) {
      offerUndo({ text: errorSentence(i18n, error) })
    }
    setBusy(false)
  }
  return (
    <Button variant="default" px={10} aria-label={t`Save as CSV`} loading={is_busy} onClick={() => void save()}>
      <IconDownload size={16} />
    </Button>
  )
}

function useColumns(only: (entity_id: string) => void): Column<Entry>[] {
  const { t } = useLingui()
  const days = useDays()
  const who = useWho()
  return [
    { key: 'action', title: <Trans>What</Trans>, cell: (entry) => <RecordLink entry={entry} /> },
    { key: 'who', title: <Trans>Who</Trans>, cell: who },
    { key: 'changes', title: <Trans>Before and after</Trans>, cell: (entry) => <Changes entry={entry} /> },
    { key: 'when', title: <Trans>When</Trans>, is_number: true, cell: ({ created_at }) => days.instant(created_at) },
    {
      key: 'only',
      title: '',
      is_number: true,
      is_minor: true,
      cell: ({ entity_id }) => (
        <ActionIcon
          aria-label={t`Only changes of this record`}
          title={t`Only changes of this record`}
          onClick={() => only(entity_id)}
        >
          <IconFilter size={15} />
        </ActionIcon>
      ),
    },
  ]
}

function useWho(): (entry: Entry) => string {
  const { t } = useLingui()
  const roleName = useRoleName()
  return ({ actor_name, actor_kind, actor_role }) => {
    if (actor_kind === 'operator' || actor_role === 'operator') return t`Operator`
    if (actor_kind === 'job') return t`Background work`
    return `${actor_name ?? t`Somebody`} · ${roleName(actor_role)}`
  }
}
