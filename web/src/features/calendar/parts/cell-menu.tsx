// What can be done with free nights that were chosen: a booking, a block, or a hold.
import { Trans } from '@lingui/react/macro'
import { Menu } from '@mantine/core'
import { IconCalendarPlus, IconLock } from '@tabler/icons-react'
import { useCan } from '../../../api/me.ts'
import { type Day, dateOf, useDays } from '../../../locales/days.ts'
import { useOverlays } from '../../../shell/overlays.ts'

export interface ChosenNights {
  readonly property_ids: readonly string[]
  readonly from: Day
  readonly to: Day
  /** On the screen, in pixels. */
  readonly x: number
  readonly y: number
}

interface Props {
  readonly chosen: ChosenNights | undefined
  readonly onClose: () => void
}

export function CellMenu({ chosen, onClose }: Props) {
  const can = useCan()
  const days = useDays()
  const { newBooking, newBlock } = useOverlays()
  if (chosen === undefined) return null
  const { property_ids, from, to, x, y } = chosen
  const draft = { property_ids, check_in: dateOf(from), check_out: dateOf(to) }
  return (
    <Menu opened onClose={onClose} position="bottom-start" withinPortal trapFocus>
      <Menu.Target>
        <span style={{ position: 'fixed', left: x, top: y, width: 1, height: 1 }} />
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{days.stay(draft.check_in, draft.check_out)}</Menu.Label>
        {can('bookings:create') && property_ids.length === 1 && (
          <Menu.Item leftSection={<IconCalendarPlus size={16} />} onClick={() => newBooking(draft)}>
            <Trans>New booking</Trans>
          </Menu.Item>
        )}
        {can('blocks:write') && (
          <Menu.Item leftSection={<IconLock size={16} />} onClick={() => newBlock(draft)}>
            <Trans>Block these nights</Trans>
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  )
}
