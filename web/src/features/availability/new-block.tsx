// Blocks nights of one home or of several: all of them, or none.

import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { Button, MultiSelect, Stack, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { api, bodyOf, ifMatch } from '../../api/client.ts'
import { ApiError } from '../../api/errors.ts'
import { useOverlays } from '../../shell/overlays.ts'
import { offerUndo } from '../../shell/undo.ts'
import { ChangeError } from '../../ui/change-error.tsx'
import { SidePanel } from '../../ui/side-panel.tsx'
import { useHomes } from '../properties/use-homes.ts'
import { type BlockDraft, BlockFields, isWrong } from './block-fields.tsx'

interface Props {
  readonly draft: { readonly property_ids: readonly string[]; readonly check_in: string; readonly check_out: string }
}

/** As many as the API takes at once. */
const max_homes = 100

export function NewBlock({ draft: given }: Props) {
  const { t } = useLingui()
  const client = useQueryClient()
  const { close } = useOverlays()
  const homes = useHomes()
  const [property_ids, setHomes] = useState<string[]>([...given.property_ids])
  const [draft, setDraft] = useState<BlockDraft>({
    start_date: given.check_in,
    end_date: given.check_out,
    reason: 'maintenance',
    notes: '',
  })
  const create = useMutation({
    mutationFn: () => {
      const notes = draft.notes.trim() === '' ? null : draft.notes
      return bodyOf(api.POST('/api/v1/availability/blocks/batch', { body: { ...draft, notes, property_ids } }))
    },
    onSuccess: ({ items }) => {
      close()
      offerUndo({
        text: items.length === 1 ? t`The nights are blocked.` : t`The nights of ${items.length} homes are blocked.`,
        undo: () =>
          Promise.all(
            items.map(({ id, version }) =>
              api.DELETE('/api/v1/availability/blocks/{id}', { params: { path: { id }, header: ifMatch(version) } }),
            ),
          ),
      })
      return client.invalidateQueries({ queryKey: ['blocks'] })
    },
  })
  const refused = create.error instanceof ApiError ? create.error.meta.property_id : undefined
  const refused_name = homes.find(({ value }) => value === refused)?.label
  return (
    <SidePanel label={t`Block nights`} onClose={close} top={<strong>{t`Block nights`}</strong>}>
      <form
        onSubmit={(event: FormEvent) => {
          event.preventDefault()
          create.mutate()
        }}
      >
        <Stack gap="sm">
          <MultiSelect
            label={<Trans>Homes</Trans>}
            data={[...homes]}
            searchable
            hidePickedOptions
            maxValues={max_homes}
            value={property_ids}
            onChange={setHomes}
          />
          <BlockFields draft={draft} onChange={(part) => setDraft((now) => ({ ...now, ...part }))} />
          {refused_name !== undefined && (
            <Text fw={500}>
              <Trans>Nothing was blocked, because of {refused_name}:</Trans>
            </Text>
          )}
          <ChangeError error={create.error} />
          <Button
            type="submit"
            size="md"
            loading={create.isPending}
            disabled={property_ids.length === 0 || isWrong(draft)}
          >
            <Plural value={property_ids.length} one="Block the nights" other="Block the nights of # homes" />
          </Button>
        </Stack>
      </form>
    </SidePanel>
  )
}
