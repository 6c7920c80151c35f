// Anonymises a guest, after the word was typed that keeps it from happening by a slip: there is no way back.

import { Trans, useLingui } from '@lingui/react/macro'
import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, ifMatch, type Schema } from '../../../api/client.ts'
import { offerUndo } from '../../../shell/undo.ts'
import { ChangeError } from '../../../ui/change-error.tsx'

export function Anonymise({ guest }: { readonly guest: Schema['Guest'] }) {
  const { t } = useLingui()
  const client = useQueryClient()
  const [is_open, setOpen] = useState(false)
  const [text, setText] = useState('')
  const { id, version, last_name } = guest
  const run = useMutation({
    mutationFn: () =>
      api.POST('/api/v1/guests/{id}/anonymisation', { params: { path: { id }, header: ifMatch(version) } }),
    onSuccess: () => {
      setOpen(false)
      offerUndo({ text: t`The guest is anonymised.` })
      return client.invalidateQueries()
    },
  })
  return (
    <>
      <Button variant="default" color="red" onClick={() => setOpen(true)}>
        <Trans>Anonymise …</Trans>
      </Button>
      <Modal opened={is_open} onClose={() => setOpen(false)} title={<Trans>Anonymise this guest?</Trans>}>
        <Stack gap="sm">
          <Text>
            <Trans>
              Name, e-mail, phone and the texts of their bookings are deleted for good. Stays and amounts stay, for the
              books. This cannot be undone.
            </Trans>
          </Text>
          <TextInput
            label={<Trans>Type the last name to confirm: {last_name}</Trans>}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <ChangeError error={run.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={() => setOpen(false)}>
              <Trans>Keep the guest</Trans>
            </Button>
            <Button color="red" disabled={text !== last_name} loading={run.isPending} onClick={() => run.mutate()}>
              <Trans>Anonymise</Trans>
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  )
}
