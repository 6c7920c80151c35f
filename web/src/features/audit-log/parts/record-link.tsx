// What happened to which record; opens the record when there is a page for it.
import { Anchor } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import type { Schema } from '../../../api/client.ts'
import { useOverlays } from '../../../shell/overlays.ts'
import { useActionName } from '../action-names.ts'

type Entry = Schema['AuditEntry']

export function RecordLink({ entry: { entity_type, entity_id, action } }: { readonly entry: Entry }) {
  const name = useActionName()(entity_type, action)
  const open = useOpen()[entity_type]
  if (open === undefined || action.endsWith('.purged')) return name
  return (
    <Anchor component="button" type="button" fz="inherit" ta="left" onClick={() => open(entity_id)}>
      {name}
    </Anchor>
  )
}

function useOpen(): Readonly<Record<string, (id: string) => void>> {
  const navigate = useNavigate()
  const { openBooking, openBlock, openHold } = useOverlays()
  return {
    booking: openBooking,
    block: openBlock,
    hold: openHold,
    guest: (id) => void navigate({ to: '/guests/$id', params: { id } }),
    property: (id) => void navigate({ to: '/properties/$id', params: { id } }),
  }
}
