// Invites a person to the agency.

import { Trans, useLingui } from '@lingui/react/macro'
import { Button, Group, Modal, Radio, Stack, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { api, bodyOf, type Schema } from '../../../api/client.ts'
import { fieldProblem } from '../../../api/errors.ts'
import { ChangeError } from '../../../ui/change-error.tsx'
import { roleNames, useRoleName } from '../../../ui/role-name.ts'
import { roleSummaries } from './role-texts.ts'
import { SecretLink } from './secret-link.tsx'

type Role = Schema['Role']

export function Invite({ onClose }: { readonly onClose: () => void }) {
  const { i18n, t } = useLingui()
  const roleName = useRoleName()
  const client = useQueryClient()
  const [email, setEmail] = useState('')
  const [full_name, setName] = useState('')
  const [role, setRole] = useState<Role>('staff')
  const invite = useMutation({
    mutationFn: () =>
      bodyOf(
        api.POST('/api/v1/team', {
          body: { email: email.trim(), role, ...(full_name.trim() !== '' && { full_name: full_name.trim() }) },
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: ['team'] }),
  })
  if (invite.data !== undefined) {
    const { delivery, link, expires_at } = invite.data
    return <SecretLink title={t`${email} is invited`} {...{ delivery, link, expires_at, onClose }} />
  }
  return (
    <Modal opened onClose={onClose} title={<Trans>Invite a person</Trans>}>
      <form
        onSubmit={(event: FormEvent) => {
          event.preventDefault()
          invite.mutate()
        }}
      >
        <Stack gap="sm">
          <TextInput
            type="email"
            label={<Trans>E-mail</Trans>}
            required
            withAsterisk={false}
            data-autofocus
            value={email}
            error={fieldProblem(invite.error, '/email')}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          <TextInput
            label={<Trans>Name</Trans>}
            value={full_name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Radio.Group label={<Trans>Role</Trans>} value={role} onChange={(value) => setRole(value as Role)}>
            <Stack gap={6} mt={6}>
              {(Object.keys(roleNames) as Role[]).map((value) => (
                <Radio key={value} value={value} label={roleName(value)} description={i18n._(roleSummaries[value])} />
              ))}
            </Stack>
          </Radio.Group>
          <ChangeError error={invite.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              <Trans>Cancel</Trans>
            </Button>
            <Button type="submit" loading={invite.isPending} disabled={email.trim() === ''}>
              <Trans>Invite</Trans>
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
