// Moves the rest of a stay to another home from a day on: two bookings, both or none.

import { Trans, useLingui } from '@lingui/react/macro'
import { Button, Group, Modal, Select, Stack, Text, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { dateOf, dayOf } from '../../../locales/days.ts'
import { useOverlays } from '../../../shell/overlays.ts'
import { offerUndo } from '../../../shell/undo.ts'
import { ChangeError } from '../../../ui/change-error.tsx'
import { useStayVerdict } from '../../availability/use-verdict.ts'
import { useHomes } from '../../properties/use-homes.ts'
import { type Booking, changes } from '../queries.ts'

interface Props {
  readonly booking: Booking
  readonly onClose: () => void
}

export function SplitStay({ booking, onClose }: Props) {
  const { t } = useLingui()
  const client = useQueryClient()
  const { openBooking } = useOverlays()
  const homes = useHomes()
  const [property_id, setHome] = useState<string>()
  const [check_in, setDay] = useState(dateOf(dayOf(booking.check_in) + 1))
  const verdict = useStayVerdict({ property_id, check_in, check_out: booking.check_out })
  const split = useMutation({
    mutationFn: () => changes.split(booking, { property_id: property_id ?? '', check_in }),
    onSuccess: ({ second }) => {
      onClose()
      openBooking(second.id)
      offerUndo({ text: t`The rest of the stay is booking ${second.reference} now.` })
      return client.invalidateQueries({ queryKey: ['bookings'] })
    },
  })
  const is_inside = check_in > booking.check_in && check_in < booking.check_out
  return (
    <Modal opened onClose={onClose} title={<Trans>Move the rest of the stay</Trans>}>
      <Stack gap="sm">
        <Text>
          <Trans>The guest stays in {booking.property_name} until this day, and in another home from then on.</Trans>
        </Text>
        <TextInput
          type="date"
          label={<Trans>Day of the move</Trans>}
          min={dateOf(dayOf(booking.check_in) + 1)}
          max={dateOf(dayOf(booking.check_out) - 1)}
          value={check_in}
          error={!is_inside && <Trans>A day within the stay</Trans>}
          onChange={(event) => setDay(event.currentTarget.value)}
        />
        <Select
          label={<Trans>To this home</Trans>}
          data={homes.filter(({ value }) => value !== booking.property_id)}
          searchable
          value={property_id ?? null}
          onChange={(id) => setHome(id ?? undefined)}
        />
        {verdict.text !== undefined && <Text c="var(--r-bad)">{verdict.text}</Text>}
        <ChangeError error={split.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            <Trans>Leave as it is</Trans>
          </Button>
          <Button
            loading={split.isPending}
            disabled={property_id === undefined || !is_inside || verdict.is_possible === false}
            onClick={() => split.mutate()}
          >
            <Trans>Move</Trans>
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
