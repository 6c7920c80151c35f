// The drawer of a block: its dates, reason and notes, and its end.

import { Trans, useLingui } from '@lingui/react/macro'
import { Button, Group, Skeleton, Stack, Text } from '@mantine/core'
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { api, bodyOf, ifMatch, type Schema } from '../../api/client.ts'
import { useCan } from '../../api/me.ts'
import { useDays } from '../../locales/days.ts'
import { useOverlays } from '../../shell/overlays.ts'
import { offerUndo } from '../../shell/undo.ts'
import { ChangeError } from '../../ui/change-error.tsx'
import { ChangedMeanwhile } from '../../ui/changed-meanwhile.tsx'
import { ErrorState } from '../../ui/error-state.tsx'
import { SidePanel } from '../../ui/side-panel.tsx'
import { useDraft } from '../../ui/use-draft.ts'
import { propertyQuery } from '../properties/queries.ts'
import { type BlockDraft, BlockFields, isWrong } from './block-fields.tsx'

type Block = Schema['Block']

const blockQuery = (id: string) =>
  queryOptions({
    queryKey: ['blocks', 'one', id],
    queryFn: ({ signal }) => bodyOf(api.GET('/api/v1/availability/blocks/{id}', { params: { path: { id } }, signal })),
  })

export function BlockDrawer({ id }: { readonly id: string }) {
  const { t } = useLingui()
  const { close } = useOverlays()
  const { data, error, refetch } = useQuery(blockQuery(id))
  return (
    <SidePanel label={t`Block`} onClose={close} top={<strong>{t`Blocked nights`}</strong>}>
      {data !== undefined ? (
        <Content key={data.id} block={data} />
      ) : error === null ? (
        <Skeleton height={160} />
      ) : (
        <ErrorState error={error} retry={() => void refetch()} />
      )}
    </SidePanel>
  )
}

const draftOf = ({ start_date, end_date, reason, notes }: Block): BlockDraft => ({
  start_date,
  end_date,
  reason,
  notes: notes ?? '',
})
const bodyOfDraft = ({ notes, ...rest }: BlockDraft) => ({ ...rest, notes: notes.trim() === '' ? null : notes })
const at = ({ id, version }: Block) => ({ path: { id }, header: ifMatch(version) })
const update = (block: Block, draft: BlockDraft) =>
  bodyOf(api.PATCH('/api/v1/availability/blocks/{id}', { params: at(block), body: bodyOfDraft(draft) }))

function Content({ block }: { readonly block: Block }) {
  const { t } = useLingui()
  const can = useCan()
  const days = useDays()
  const client = useQueryClient()
  const { close } = useOverlays()
  const before = draftOf(block)
  const { draft, changed, is_outdated, set, reset } = useDraft(before)
  const refresh = () => client.invalidateQueries({ queryKey: ['blocks'] })
  const save = useMutation({
    mutationFn: () => update(block, draft),
    onSuccess: (after) => {
      offerUndo({ text: t`The block is changed.`, undo: () => update(after, before).then(refresh) })
      client.setQueryData(blockQuery(block.id).queryKey, after)
      reset()
      return refresh()
    },
    // Somebody else was faster: show what there is now, under what was typed.
    onError: refresh,
  })
  const remove = useMutation({
    mutationFn: () => api.DELETE('/api/v1/availability/blocks/{id}', { params: at(block) }),
    onSuccess: () => {
      close()
      const body = { ...bodyOfDraft(before), property_id: block.property_id }
      offerUndo({
        text: t`The nights are free again.`,
        undo: () => bodyOf(api.POST('/api/v1/availability/blocks', { body })),
      })
      return refresh()
    },
  })
  if (!can('blocks:write'))
    return (
      <Stack gap="xs">
        <HomeName id={block.property_id} />
        <Text>{days.stay(block.start_date, block.end_date)}</Text>
        {block.notes !== null && <Text c="dimmed">{block.notes}</Text>}
      </Stack>
    )
  const is_changed = Object.keys(changed).length > 0
  return (
    <Stack gap="sm">
      <HomeName id={block.property_id} />
      <BlockFields draft={draft} onChange={set} />
      {is_outdated && <ChangedMeanwhile onDiscard={reset} />}
      <ChangeError error={save.error ?? remove.error} />
      <Group justify="space-between">
        <Button variant="default" loading={remove.isPending} onClick={() => remove.mutate()}>
          <Trans>Free the nights</Trans>
        </Button>
        <Button loading={save.isPending} disabled={!is_changed || isWrong(draft)} onClick={() => save.mutate()}>
          <Trans>Save</Trans>
        </Button>
      </Group>
    </Stack>
  )
}

/** Nothing for a role that may not read homes. */
function HomeName({ id }: { readonly id: string }) {
  const can = useCan()
  const { data: home } = useQuery({ ...propertyQuery(id), enabled: can('properties:read') })
  return home && <Text fw={600}>{home.name}</Text>
}
