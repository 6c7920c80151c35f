// The team: members with their roles, and open invitations.

import { Trans, useLingui } from '@lingui/react/macro'
import { Button, Select } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { api, bodyOf, type Schema } from '../../api/client.ts'
import { useCan, useMe } from '../../api/me.ts'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { PageHeader } from '../../ui/page-header.tsx'
import { roleNames, useRoleName } from '../../ui/role-name.ts'
import { SearchInput } from '../../ui/search-input.tsx'
import { useListPages } from '../../ui/use-pages.ts'
import { Invitations } from './parts/invitations.tsx'
import { Invite } from './parts/invite.tsx'
import { MemberMenu } from './parts/member-menu.tsx'
import { RoleHelp } from './parts/role-help.tsx'
import { readSearch, type Search } from './search.ts'
import classes from './team.module.css'

type Member = Schema['Member']
type Role = Schema['Role']

export function TeamPage() {
  const { t } = useLingui()
  const can = useCan()
  const [dialog, setDialog] = useState<'invite' | 'roles'>()
  const search = readSearch(useSearch({ from: '/shell/team' }) as Record<string, unknown>)
  const pages = useListPages<Member>({
    queryKey: ['team', 'members', search],
    read: (cursor, signal) => bodyOf(api.GET('/api/v1/team', { params: { query: { ...search, ...cursor } }, signal })),
  })
  const close = () => setDialog(undefined)
  return (
    <>
      <PageHeader
        title={<Trans>Team</Trans>}
        actions={
          <>
            <Button variant="default" onClick={() => setDialog('roles')}>
              <Trans>Roles explained</Trans>
            </Button>
            {can('team:write') && (
              <Button leftSection={<IconPlus size={16} />} onClick={() => setDialog('invite')}>
                <Trans>Invite</Trans>
              </Button>
            )}
          </>
        }
      />
      <Filters search={search} />
      <DataTable
        label={t`Members`}
        columns={useColumns()}
        {...pages}
        empty={<EmptyState title={<Trans>No member matches these filters</Trans>} />}
      />
      {can('team:write') && <Invitations />}
      {dialog === 'invite' && <Invite onClose={close} />}
      {dialog === 'roles' && <RoleHelp onClose={close} />}
    </>
  )
}

function Filters({ search }: { readonly search: Search }) {
  const { t } = useLingui()
  const roleName = useRoleName()
  const navigate = useNavigate({ from: '/team' })
  const change = (part: Record<string, unknown>) =>
    void navigate({ search: readSearch({ ...search, ...part }), replace: true })
  return (
    <div className={classes.filters}>
      <SearchInput label={t`Name or e-mail`} value={search.q ?? ''} onChange={(q) => change({ q })} />
      <Select
        aria-label={t`Role`}
        placeholder={t`All roles`}
        clearable
        w={150}
        data={(Object.keys(roleNames) as Role[]).map((value) => ({ value, label: roleName(value) }))}
        value={search.role ?? null}
        onChange={(role) => change({ role })}
      />
      <Select
        aria-label={t`State`}
        placeholder={t`Active and removed`}
        clearable
        w={190}
        data={[
          { value: 'true', label: t`active` },
          { value: 'false', label: t`removed` },
        ]}
        value={search.is_active === undefined ? null : String(search.is_active)}
        onChange={(value) => change({ is_active: value === null ? undefined : value === 'true' })}
      />
    </div>
  )
}

function useColumns(): Column<Member>[] {
  const can = useCan()
  const { user } = useMe()
  const roleName = useRoleName()
  return [
    {
      key: 'name',
      title: <Trans>Name</Trans>,
      cell: ({ id, full_name, email }) => (
        <>
          <strong>{full_name || email}</strong>
          {id === user.id && (
            <span className="dim">
              {' · '}
              <Trans>you</Trans>
            </span>
          )}
          <div className="dim">{email}</div>
        </>
      ),
    },
    { key: 'role', title: <Trans>Role</Trans>, cell: ({ role }) => roleName(role) },
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
