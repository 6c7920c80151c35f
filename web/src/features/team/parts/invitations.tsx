// Invitations that nobody has accepted yet.

import { Trans, useLingui } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api, bodyOf, type Schema } from '../../../api/client.ts'
import { errorSentence } from '../../../api/errors.ts'
import { useCan } from '../../../api/me.ts'
import { useDays } from '../../../locales/days.ts'
import { offerUndo } from '../../../shell/undo.ts'
import { type Column, DataTable } from '../../../ui/data-table.tsx'
import { useRoleName } from '../../../ui/role-name.ts'
import { useListPages } from '../../../ui/use-pages.ts'
import classes from '../team.module.css'

type Invitation = Schema['InvitationPage']['items'][number]

export function Invitations() {
  const { t } = useLingui()
  const can = useCan()
  const days = useDays()
  const roleName = useRoleName()
  const pages = useListPages<Invitation>({
    queryKey: ['team', 'invitations'],
    read: (query, signal) => bodyOf(api.GET('/api/v1/team/invitations', { params: { query }, signal })),
  })
  if (pages.rows?.length === 0 || (pages.rows === undefined && pages.error === null)) return null
  const columns: Column<Invitation>[] = [
    {
      key: 'email',
      title: <Trans>E-mail</Trans>,
      cell: ({ email, full_name }) => (
        <>
          <strong>{email}</strong>
          {full_name !== null && <div className="dim">{full_name}</div>}
        </>
      ),
    },
    { key: 'role', title: <Trans>Role</Trans>, cell: ({ role }) => roleName(role) },
    { key: 'until', title: <Trans>Valid until</Trans>, cell: ({ expires_at }) => days.instant(expires_at) },
    ...(can('team:write')
      ? [{ key: 'more', title: '', is_number: true, cell: (row: Invitation) => <Revoke invitation={row} /> }]
      : []),
  ]
  return (
    <section>
      <h2 className={classes.section}>
        <Trans>Open invitations</Trans>
      </h2>
      <DataTable label={t`Open invitations`} columns={columns} {...pages} empty={null} />
    </section>
  )
}

function Revoke({ invitation: { id, email } }: { readonly invitation: Invitation }) {
  const { i18n, t } = useLingui()
  const client = useQueryClient()
  const revoke = useMutation({
    mutationFn: () => api.DELETE('/api/v1/team/invitations/{id}', { params: { path: { id } } }),
    onError: (error) => offerUndo({ text: errorSentence(i18n, error) }),
    onSuccess: () => {
      offerUndo({ text: t`The invitation of ${email} is no longer valid.` })
      return client.invalidateQueries({ queryKey: ['team'] })
    },
  })
  return (
    <Button size="xs" variant="default" loading={revoke.isPending} onClick={() => revoke.mutate()}>
      <Trans>Revoke</Trans>
    </Button>
  )
}
