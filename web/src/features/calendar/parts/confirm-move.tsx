// Says what a move changes before it is done: dates, home, price, and that a channel knows the old dates.
import { Trans } from '@lingui/react/macro'
import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { dateOf, useDays } from '../../../locales/days.ts'
import { useSourceName } from '../../../ui/sources.ts'
import type { Bar } from '../bars.ts'
import type { Place } from '../moves.ts'
import { useBarTitle } from '../names.ts'

export interface PlannedMove {
  readonly bar: Bar
  readonly place: Place
  readonly home_name: string
}

interface Props {
  readonly planned: PlannedMove | undefined
  readonly onClose: () => void
  readonly onConfirm: (planned: PlannedMove) => void
}

export function ConfirmMove({ planned, onClose, onConfirm }: Props) {
  const days = useDays()
  const barTitle = useBarTitle()
  const sourceName = useSourceName()
  if (planned === undefined) return null
  const { bar, place, home_name } = planned
  const stayOf = ({ first_day, nights }: Place) => days.stay(dateOf(first_day), dateOf(first_day + nights))
  const is_sold = bar.source !== undefined && bar.source !== 'direct' && bar.source !== 'manual'
  return (
    <Modal opened onClose={onClose} title={<Trans>Change this booking?</Trans>}>
      <Stack gap="xs">
        <Text fw={600}>{barTitle(bar, Date.now())}</Text>
        <Text>
          {stayOf(bar)} → {stayOf(place)}
        </Text>
        {place.home_id !== bar.home_id && (
          <Text>
            <Trans>To another home: {home_name}. The price stays.</Trans>
          </Text>
        )}
        {place.nights !== bar.nights && (
          <Text>
            <Trans>
              {bar.nights} → {place.nights} nights. The price of the nights changes in proportion if the booking has a
              rate.
            </Trans>
          </Text>
        )}
        {is_sold && bar.source !== undefined && (
          <Text c="var(--r-attention-text)">
            <Trans>{sourceName(bar.source)} still has the old dates. Change them there as well.</Trans>
          </Text>
        )}
        <Group justify="flex-end" mt="sm">
          <Button variant="default" onClick={onClose}>
            <Trans>Leave as it is</Trans>
          </Button>
          <Button
            data-autofocus
            onClick={() => {
              onClose()
              onConfirm(planned)
            }}
          >
            <Trans>Change</Trans>
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
