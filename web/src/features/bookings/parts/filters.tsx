// The filters of the list of bookings, and views that use them.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button, Group, Popover, Select, Stack, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconAdjustmentsHorizontal } from '@tabler/icons-react'
import { useState } from 'react'
import { useCan } from '../../../api/me.ts'
import { dateOf, todayIn } from '../../../locales/days.ts'
import { paymentNames, usePaymentName } from '../../../ui/payment-names.ts'
import { sources, useSourceName } from '../../../ui/sources.ts'
import { statusNames, useStatusName } from '../../../ui/status-mark.tsx'
import { useHomes } from '../../properties/use-homes.ts'
import type { Search } from '../search.ts'

interface Props {
  readonly search: Search
  readonly onChange: (next: Search) => void
}

export function BookingFilters({ search, onChange }: Props) {
  const { t } = useLingui()
  const [text, setText] = useState(search.q ?? '')
  const set = (part: { readonly [K in keyof Search]?: Search[K] | undefined }) =>
    onChange(Object.fromEntries(Object.entries({ ...search, ...part }).filter(([, value]) => value)) as Search)
  const changeText = useDebouncedCallback((q: string) => set({ q: q.trim() }), 300)
  const count = Object.keys(search).filter((name) => name !== 'q').length
  return (
    <>
      <TextInput
        aria-label={t`Search the bookings`}
        placeholder={t`Guest, reference, home`}
        w={190}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value)
          changeText(event.currentTarget.value)
        }}
      />
      <Popover position="bottom-start" width={320} shadow="md" trapFocus>
        <Popover.Target>
          <Button
            variant={count > 0 ? 'light' : 'default'}
            leftSection={<IconAdjustmentsHorizontal size={16} />}
            px="sm"
          >
            {count > 0 ? <Trans>Filters: {count}</Trans> : <Trans>Filters</Trans>}
          </Button>
        </Popover.Target>
        <Popover.Dropdown>
          <Fields search={search} set={set} />
          {count > 0 && (
            <Button variant="subtle" mt="sm" fullWidth onClick={() => onChange({})}>
              <Trans>Clear all filters</Trans>
            </Button>
          )}
        </Popover.Dropdown>
      </Popover>
      <Views search={search} onChange={onChange} />
    </>
  )
}

interface FieldsProps {
  readonly search: Search
  readonly set: (part: { readonly [K in keyof Search]?: Search[K] | undefined }) => void
}

function Fields({ search, set }: FieldsProps) {
  const { t } = useLingui()
  const can = useCan()
  const statusName = useStatusName()
  const sourceName = useSourceName()
  const paymentName = usePaymentName()
  const homes = useHomes(can('properties:read'))
  const choice = <K extends 'status' | 'source' | 'payment_status' | 'property_id'>(
    name: K,
    label: string,
    data: { value: string; label: string }[],
  ) => (
    <Select
      label={label}
      data={data}
      clearable
      searchable
      value={search[name] ?? null}
      comboboxProps={{ withinPortal: false }}
      onChange={(value) => set({ [name]: value ?? undefined })}
    />
  )
  return (
    <Stack gap="xs">
      {choice('status', t`Status`, choicesOf(statusNames, statusName))}
      {choice('payment_status', t`Payment`, choicesOf(paymentNames, paymentName))}
      {choice('source', t`Source`, choicesOf(sources, sourceName))}
      {homes.length > 0 && choice('property_id', t`Home`, [...homes])}
      <Group grow>
        <TextInput
          type="date"
          label={t`Arrival from`}
          value={search.check_in_from ?? ''}
          onChange={(event) => set({ check_in_from: event.currentTarget.value })}
        />
        <TextInput
          type="date"
          label={t`to`}
          value={search.check_in_to ?? ''}
          onChange={(event) => set({ check_in_to: event.currentTarget.value })}
        />
      </Group>
    </Stack>
  )
}

function choicesOf<K extends string>(known: Readonly<Record<K, unknown>>, nameOf: (value: K) => string) {
  return (Object.keys(known) as K[]).map((value) => ({ value, label: nameOf(value) }))
}

function Views({ search, onChange }: Props) {
  const today = todayIn(Intl.DateTimeFormat().resolvedOptions().timeZone)
  const views = [
    { label: <Trans>Next 7 days</Trans>, filters: { check_in_from: dateOf(today), check_in_to: dateOf(today + 7) } },
    { label: <Trans>Unconfirmed</Trans>, filters: { status: 'pending' } },
    { label: <Trans>Not paid</Trans>, filters: { payment_status: 'pending', check_in_from: dateOf(today) } },
  ] as const
  return (
    <Group gap={6} visibleFrom="md">
      {views.map(({ label, filters }) => {
        const is_on = JSON.stringify(search) === JSON.stringify(filters)
        return (
          <Button
            key={JSON.stringify(filters)}
            variant={is_on ? 'light' : 'subtle'}
            color={is_on ? 'accent' : 'gray'}
            px="xs"
            aria-pressed={is_on}
            onClick={() => onChange(is_on ? {} : filters)}
          >
            {label}
          </Button>
        )
      })}
    </Group>
  )
}
