// Takes a home out of sale and back; deletes one that never had a booking.

import { Trans, useLingui } from '@lingui/react/macro'
import { ActionIcon, Menu } from '@mantine/core'
import { IconDots } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { api, ifMatch } from '../../../api/client.ts'
import { errorSentence } from '../../../api/errors.ts'
import { useCan } from '../../../api/me.ts'
import { offerUndo } from '../../../shell/undo.ts'
import { type Property, updateProperty } from '../queries.ts'

export function HomeActions({ home }: { readonly home: Property }) {
  const { i18n, t } = useLingui()
  const can = useCan()
  const client = useQueryClient()
  const navigate = useNavigate()
  const refresh = () => client.invalidateQueries({ queryKey: ['properties'] })
  const fail = (error: unknown) => offerUndo({ text: errorSentence(i18n, error) })
  const toggle = useMutation({
    mutationFn: () => updateProperty(home, { is_active: !home.is_active }),
    onError: fail,
    onSuccess: (after) => {
      offerUndo({
        text: after.is_active ? t`${home.name} can be booked again.` : t`${home.name} takes no more bookings.`,
        undo: () => updateProperty(after, { is_active: home.is_active }).then(refresh),
      })
      return refresh()
    },
  })
  const remove = useMutation({
    mutationFn: () =>
      api.DELETE('/api/v1/properties/{id}', { params: { path: { id: home.id }, header: ifMatch(home.version) } }),
    onError: fail,
    onSuccess: async () => {
      offerUndo({ text: t`${home.name} was deleted.` })
      await navigate({ to: '/properties' })
      await refresh()
    },
  })
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon variant="default" size="lg" aria-label={t`More steps`}>
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => toggle.mutate()}>
          {home.is_active ? <Trans>Take no more bookings</Trans> : <Trans>Take bookings again</Trans>}
        </Menu.Item>
        {can('properties:delete') && (
          <Menu.Item color="red" onClick={() => remove.mutate()}>
            <Trans>Delete the home</Trans>
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  )
}
