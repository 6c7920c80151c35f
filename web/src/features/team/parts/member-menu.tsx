// What an admin may do with a member: another role, a link for a new password, access ended or given again.

import { Trans, useLingui } from '@lingui/react/macro'
import { ActionIcon, Menu } from '@mantine/core'
import { IconDots } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, bodyOf, ifMatch, type Schema } from '../../../api/client.ts'
import { errorSentence } from '../../../api/errors.ts'
import { useMe } from '../../../api/me.ts'
import { offerUndo } from '../../../shell/undo.ts'
import { roleNames, useRoleName } from '../../../ui/role-name.ts'
import { SecretLink } from './secret-link.tsx'

type Member = Schema['Member']
type Role = Schema['Role']

const update = ({ id, version }: Pick<Member, 'id' | 'version'>, body: Schema['MemberPatch']) =>
  bodyOf(api.PATCH('/api/v1/team/{id}', { params: { path: { id }, header: ifMatch(version) }, body }))

export function MemberMenu({ member }: { readonly member: Member }) {
  const { i18n, t } = useLingui()
  const is_self = useMe().user.id === member.id
  const [link, setLink] = useState<Schema['MemberReset']>()
  const change = useChange()
  const who = member.full_name || member.email
  const reset = useMutation({
    mutationFn: () => bodyOf(api.POST('/api/v1/team/password-resets', { body: { user_id: member.id } })),
    onError: (error) => offerUndo({ text: errorSentence(i18n, error) }),
    onSuccess: setLink,
  })
  return (
    <>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <ActionIcon aria-label={t`Change ${who}`} loading={change.isPending || reset.isPending}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {!is_self && (
            <Roles present={member.role} choose={(role) => change.mutate({ before: member, body: { role } })} />
          )}
          <Menu.Item onClick={() => reset.mutate()}>
            <Trans>Link for a new password</Trans>
          </Menu.Item>
          {is_self ? (
            <Menu.Label maw={220}>
              <Trans>Another admin can change your own role.</Trans>
            </Menu.Label>
          ) : (
            <Menu.Item
              {...(member.is_active && { color: 'red' })}
              onClick={() => change.mutate({ before: member, body: { is_active: !member.is_active } })}
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

function Roles({ present, choose }: { readonly present: Role; readonly choose: (role: Role) => void }) {
  const roleName = useRoleName()
  return (
    <>
      <Menu.Label>
        <Trans>Role</Trans>
      </Menu.Label>
      {(Object.keys(roleNames) as Role[]).map((role) => (
        <Menu.Item key={role} disabled={role === present} onClick={() => choose(role)}>
          {roleName(role)}
        </Menu.Item>
      ))}
      <Menu.Divider />
    </>
  )
}

interface Change {
  readonly before: Member
  readonly body: Schema['MemberPatch']
}

function useChange() {
  const { i18n, t } = useLingui()
  const roleName = useRoleName()
  const client = useQueryClient()
  const refresh = () => client.invalidateQueries({ queryKey: ['team'] })
  function sentence(before: Member, after: Member): string {
    const who = after.full_name || after.email
    const role = roleName(after.role)
    if (after.role !== before.role) return t`The role of ${who} is now: ${role}`
    return after.is_active ? t`${who} has access again.` : t`${who} has no access any more.`
  }
  return useMutation({
    mutationFn: ({ before, body }: Change) => update(before, body),
    onError: (error) => {
      offerUndo({ text: errorSentence(i18n, error) })
      return refresh()
    },
    onSuccess: (after, { before }) => {
      const { role, is_active } = before
      offerUndo({ text: sentence(before, after), undo: () => update(after, { role, is_active }).then(refresh) })
      return refresh()
    },
  })
}
