// The audit log: who changed what, latest first, with the values before and after.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button, Select } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { useState } from 'react'
import { api, bodyOf, type Schema } from '../../api/client.ts'
import { errorSentence } from '../../api/errors.ts'
import { useDays } from '../../locales/days.ts'
import { offerUndo } from '../../shell/undo.ts'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { download } from '../../ui/download.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { useFieldChanges } from '../../ui/fields.ts'
import { PageHeader } from '../../ui/page-header.tsx'
import { useRoleName } from '../../ui/role-name.ts'
import { useListPages } from '../../ui/use-pages.ts'

type Entry = Schema['AuditEntry']

export function AuditLogPage() {
  const { i18n, t } = useLingui()
  const [action, setAction] = useState<string>()
  const columns = useColumns()
  const filter = action === undefined ? {} : { action }
  const pages = useListPages<Entry>({
    queryKey: ['audit-log', action],
    read: (cursor, signal) =>
      bodyOf(api.GET('/api/v1/audit-log', { params: { query: { ...filter, ...cursor } }, signal })),
  })
  async function save(): Promise<void> {
    try {
      await download(`/api/v1/audit-log/export?${new URLSearchParams(filter)}`, 'audit-log.csv')
    } catch (error) {
      offerUndo({ text: errorSentence(i18n, error) })
    }
  }
  return (
    <>
      <PageHeader
        title={<Trans>Audit log</Trans>}
        actions={
          <Button variant="default" px={10} aria-label={t`Save as CSV`} onClick={() => void save()}>
            <IconDownload size={16} />
          </Button>
        }
      >
        <Select
          aria-label={t`What was changed`}
          placeholder={t`All changes`}
          clearable
          w={180}
          data={[
            { value: 'booking.', label: t`Bookings` },
            { value: 'property.', label: t`Homes` },
            { value: 'guest.', label: t`Guests` },
            { value: 'block.', label: t`Blocks` },
            { value: 'member.', label: t`Members` },
            { value: 'agency.', label: t`Agency` },
          ]}
          value={action ?? null}
          onChange={(value) => setAction(value ?? undefined)}
        />
      </PageHeader>
      <DataTable
        label={t`Audit log`}
        columns={columns}
        {...pages}
        empty={<EmptyState title={<Trans>Nothing was changed yet</Trans>} />}
      />
    </>
  )
}

function useColumns(): Column<Entry>[] {
  const { t } = useLingui()
  const days = useDays()
  const roleName = useRoleName()
  const changesOf = useFieldChanges()
  const who = ({ actor_name, actor_kind, actor_role }: Entry) => {
    if (actor_kind === 'operator' || actor_role === 'operator') return t`Operator`
    return `${actor_name ?? t`Somebody`} · ${roleName(actor_role)}`
  }
  return [
    { key: 'who', title: <Trans>Who</Trans>, cell: who },
    { key: 'action', title: <Trans>What</Trans>, cell: ({ action }) => <code>{action}</code> },
    {
      key: 'changes',
      title: <Trans>Before and after</Trans>,
      cell: ({ before, after }) =>
        changesOf(before as never, after as never)
          .slice(0, 6)
          .map((change) => (
            <div key={change.field}>
              <span className="dim">{change.name}:</span> {change.before ?? '–'} → {change.after ?? '–'}
            </div>
          )),
    },
    { key: 'when', title: <Trans>When</Trans>, is_number: true, cell: ({ created_at }) => days.instant(created_at) },
  ]
}
