// Adds a home with what it needs at least; the rest is on its page.

import { Trans, useLingui } from '@lingui/react/macro'
import { Button, Group, Modal, NumberInput, Select, Stack, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { api, bodyOf, type Schema } from '../../../api/client.ts'
import { fieldProblem } from '../../../api/errors.ts'
import { offerUndo } from '../../../shell/undo.ts'
import { ChangeError } from '../../../ui/change-error.tsx'
import { propertyTypes, useTypeName } from '../types.ts'

export function NewHome({ onClose }: { readonly onClose: () => void }) {
  const { t } = useLingui()
  const typeName = useTypeName()
  const client = useQueryClient()
  const navigate = useNavigate()
  const [body, setBody] = useState<Schema['NewProperty']>({ name: '', property_type: 'house', max_guests: 4 })
  const create = useMutation({
    mutationFn: () => bodyOf(api.POST('/api/v1/properties', { body })),
    onSuccess: async ({ id, name }) => {
      onClose()
      offerUndo({ text: t`${name} is added.` })
      await client.invalidateQueries({ queryKey: ['properties'] })
      await navigate({ to: '/properties/$id', params: { id } })
    },
  })
  return (
    <Modal opened onClose={onClose} title={<Trans>New home</Trans>}>
      <form
        onSubmit={(event: FormEvent) => {
          event.preventDefault()
          create.mutate()
        }}
      >
        <Stack gap="sm">
          <TextInput
            label={<Trans>Name</Trans>}
            required
            withAsterisk={false}
            data-autofocus
            maxLength={255}
            value={body.name}
            error={fieldProblem(create.error, '/name')}
            onChange={(event) => setBody({ ...body, name: event.currentTarget.value })}
          />
          <Group grow>
            <Select
              label={<Trans>Type</Trans>}
              allowDeselect={false}
              data={propertyTypes.map((value) => ({ value, label: typeName(value) }))}
              value={body.property_type}
              onChange={(type) => type !== null && setBody({ ...body, property_type: type as Schema['PropertyType'] })}
            />
            <NumberInput
              label={<Trans>People at most</Trans>}
              min={1}
              max={500}
              allowDecimal={false}
              value={body.max_guests}
              onChange={(value) => setBody({ ...body, max_guests: typeof value === 'number' ? value : 1 })}
            />
          </Group>
          <ChangeError error={create.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              <Trans>Cancel</Trans>
            </Button>
            <Button type="submit" loading={create.isPending} disabled={body.name.trim() === ''}>
              <Trans>Add the home</Trans>
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
