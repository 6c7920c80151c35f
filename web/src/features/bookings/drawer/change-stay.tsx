// Changes dates, home and people of a booking, and says what that changes before it is saved.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button, Group, Modal, NumberInput, Select, Stack, Text, TextInput } from '@mantine/core'
import { useDays } from '../../../locales/days.ts'
import { useMoney } from '../../../locales/money.ts'
import { offerUndo } from '../../../shell/undo.ts'
import { ChangeError } from '../../../ui/change-error.tsx'
import { ChangedMeanwhile } from '../../../ui/changed-meanwhile.tsx'
import { useDraft } from '../../../ui/use-draft.ts'
import { useStayVerdict } from '../../availability/use-verdict.ts'
import { useHomes } from '../../properties/use-homes.ts'
import { type Booking, changes, useBookingChange } from '../queries.ts'

interface Props {
  readonly booking: Booking
  readonly onClose: () => void
}

const fields = ['property_id', 'check_in', 'check_out', 'num_adults', 'num_children', 'num_pets'] as const
type Draft = Pick<Booking, (typeof fields)[number]>

const stayOf = (booking: Booking) => Object.fromEntries(fields.map((name) => [name, booking[name]])) as unknown as Draft

export function ChangeStay({ booking, onClose }: Props) {
  const { t } = useLingui()
  const days = useDays()
  const money = useMoney()
  const homes = useHomes()
  const { draft, changed, is_outdated, set, reset } = useDraft(stayOf(booking))
  const save = useBookingChange((body: Partial<Draft>) => changes.update(booking, body))
  const is_moved = 'property_id' in changed
  const is_elsewhere = is_moved || draft.check_in >= booking.check_out || draft.check_out <= booking.check_in
  const verdict = useStayVerdict({ ...draft, property_id: is_elsewhere ? draft.property_id : undefined })
  const is_wrong = draft.check_out <= draft.check_in

  async function submit(): Promise<void> {
    const names = fields.filter((name) => name in changed)
    const before: Partial<Draft> = Object.fromEntries(names.map((name) => [name, booking[name]]))
    const after = await save.mutateAsync(changed).catch(() => undefined)
    if (after === undefined) return
    onClose()
    const stay = days.stay(after.check_in, after.check_out)
    const price = money(after.total_cents, after.currency)
    offerUndo({
      text: after.total_cents === booking.total_cents ? t`Changed: ${stay}` : t`Changed: ${stay}. New price: ${price}`,
      undo: () => changes.update(after, before),
    })
  }

  return (
    <Modal opened onClose={onClose} title={<Trans>Change dates, home or people</Trans>}>
      <Stack gap="sm">
        <Group grow>
          <TextInput
            type="date"
            label={<Trans>Arrival</Trans>}
            value={draft.check_in}
            disabled={booking.status === 'checked_in'}
            onChange={(event) => set({ check_in: event.currentTarget.value })}
          />
          <TextInput
            type="date"
            label={<Trans>Departure</Trans>}
            value={draft.check_out}
            min={draft.check_in}
            error={is_wrong && <Trans>After the arrival</Trans>}
            onChange={(event) => set({ check_out: event.currentTarget.value })}
          />
        </Group>
        <Select
          label={<Trans>Home</Trans>}
          data={[...homes]}
          searchable
          allowDeselect={false}
          value={draft.property_id}
          onChange={(id) => id !== null && set({ property_id: id })}
        />
        <Group grow>
          <People
            label={t`Adults`}
            min={1}
            value={draft.num_adults ?? 1}
            onChange={(num_adults) => set({ num_adults })}
          />
          <People
            label={t`Children`}
            value={draft.num_children ?? 0}
            onChange={(num_children) => set({ num_children })}
          />
          <People label={t`Pets`} value={draft.num_pets ?? 0} onChange={(num_pets) => set({ num_pets })} />
        </Group>
        {verdict.text !== undefined && <Text c="var(--r-bad)">{verdict.text}</Text>}
        {(draft.check_in !== booking.check_in || draft.check_out !== booking.check_out || is_moved) && (
          <Text c="dimmed">
            {days.stay(booking.check_in, booking.check_out)} →{' '}
            {is_wrong ? '…' : days.stay(draft.check_in, draft.check_out)}
          </Text>
        )}
        {is_outdated && <ChangedMeanwhile onDiscard={reset} />}
        <ChangeError error={save.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            <Trans>Leave as it is</Trans>
          </Button>
          <Button
            loading={save.isPending}
            disabled={Object.keys(changed).length === 0 || is_wrong}
            onClick={() => void submit()}
          >
            <Trans>Change</Trans>
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}

interface PeopleProps {
  readonly label: string
  readonly value: number
  readonly min?: number
  readonly onChange: (value: number) => void
}

export function People({ label, value, min = 0, onChange }: PeopleProps) {
  return (
    <NumberInput
      label={label}
      min={min}
      max={100}
      allowDecimal={false}
      value={value}
      onChange={(next) => onChange(typeof next === 'number' ? next : min)}
    />
  )
}
