// The team: members with their roles, and open invitations.

import { Trans, useLingui } from '@lingui/react/macro'
import { ActionIcon, Button, Menu } from '@mantine/core'
import { IconDots, IconPlus } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, bodyOf, ifMatch, type Schema } from '../../api/client.ts'
import { errorSentence } from '../../api/errors.ts'
import { useCan, useMe } from '../../api/me.ts'
import { offerUndo } from '../../shell/undo.ts'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { PageHeader } from '../../ui/page-header.tsx'
import { roleNames, useRoleName } from '../../ui/role-name.ts'
import { useListPages } from '../../ui/use-pages.ts'
import { Invitations } from './parts/invitations.tsx'
import { Invite } from './parts/invite.tsx'
import { SecretLink } from './parts/secret-link.tsx'
import classes from './team.module.css'

type Member = Schema['Member']
type Role = Schema['Role']

export function TeamPage() {
  const { t } = useLingui()
  const can = useCan()
  const [is_inviting, setInviting] = useState(false)
  const pages = useListPages<Member>({
    queryKey: ['team', 'members'],
    read: (query, signal) => bodyOf(api.GET('/api/v1/team', { params: { query }, signal })),
  })
  return (
    <>
      <PageHeader
        title={<Trans>Team</Trans>}
        actions={
          can('team:write') && (
            <Button leftSection={<IconPlus size={16} />} onClick={() => setInviting(true)}>
              <Trans>Invite</Trans>
            </Button>
          )
        }
      />
      <DataTable
        label={t`Members`}
        columns={useColumns()}
        {...pages}
        empty={<EmptyState title={<Trans>No members</Trans>} />}
      />
      <Invitations />
      {is_inviting && <Invite onClose={() => setInviting(false)} />}
    </>
  )
}

function useColumns(): Column<Member>[] {
  const can = useCan()
  const roleName = useRoleName()
  return [
    { key: 'name', title: <Trans>Name</Trans>, cell: ({ full_name, email }) => <strong>{full_name || email}</strong> },
    { key: 'role', title: <Trans>Role</Trans>, cell: ({ role }) => roleName(role) },
    { key: 'email', title: <Trans>E-mail</Trans>, cell: ({ email }) => email },
    {
      key: 'state',
      title: <Trans>State</Trans>,
      cell: ({ is_active }) =>
        is_active ? (
          <Trans>active</Trans>
        ) : (
          <span className={classes.inactive}>
            <Trans>removed</Trans>
          </span>
        ),
    },
    ...(can('team:write')
      ? [{ key: 'more', title: '', is_number: true, cell: (row: Member) => <MemberMenu member={row} /> }]
      : []),
  ]
}

const update = ({ id, version }: Pick<Member, 'id' | 'version'>, body: Schema['MemberPatch']) =>
  bodyOf(api.PATCH('/api/v1/team/{id}', { params: { path: { id }, header: ifMatch(version) }, body }))

function MemberMenu({ member }: { readonly member: Member }) {
  const { i18n, t } = useLingui()
  const { user } = useMe()
  const roleName = useRoleName()
  const client = useQueryClient()
  const [link, setLink] = useState<Schema['MemberReset']>()
  const who = member.full_name || member.email
  const refresh = () => client.invalidateQueries({ queryKey: ['team'] })
  const onError = (error: unknown) => offerUndo({ text: errorSentence(i18n, error) })
  const change = useMutation({
    mutationFn: (body: Schema['MemberPatch']) => update(member, body),
    onError,
    onSuccess: (after) => {
      const before = { role: member.role, is_active: member.is_active }
      offerUndo({ text: t`${who} is changed.`, undo: () => update(after, before).then(refresh) })
      return refresh()
    },
  })
  const reset = useMutation({
    mutationFn: () => bodyOf(api.POST('/api/v1/team/password-resets', { body: { user_id: member.id } })),
    onError,
    onSuccess: setLink,
  })
  return (
    <>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <ActionIcon aria-label={t`Change ${who}`} loading={change.isPending}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>
            <Trans>Role</Trans>
          </Menu.Label>
          {(Object.keys(roleNames) as Role[]).map((role) => (
            <Menu.Item key={role} disabled={role === member.role} onClick={() => change.mutate({ role })}>
              {roleName(role)}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item onClick={() => reset.mutate()}>
            <Trans>Link for a new password</Trans>
          </Menu.Item>
          {member.id !== user.id && (
            <Menu.Item
              color={member.is_active ? 'red' : 'accent'}
              onClick={() => change.mutate({ is_active: !member.is_active })}
            >
              {member.is_active ? <Trans>Remove from the agency</Trans> : <Trans>Let them in again</Trans>}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      {link !== undefined && (
        <SecretLink
          title={t`New password for ${who}`}
          delivery={link.delivery}
          link={link.link}
          expires_at={link.expires_at}
          onClose={() => setLink(undefined)}
        />
      )}
    </>
  )
}
