// The range of a report: a year, or from one day to another.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button, Group, Popover, Select, Stack, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { dateOf, dayOf, todayIn, useDays } from '../../../locales/days.ts'
import { max_range_days } from '../search.ts'

export interface Range {
  readonly from: string
  /** The day after the last one. */
  readonly to: string
}

interface Props {
  readonly range: Range
  readonly onChange: (range: Range) => void
}

export const thisYear = () => Number(dateOf(todayIn('UTC')).slice(0, 4))

const yearRange = (year: number): Range => ({ from: `${year}-01-01`, to: `${year + 1}-01-01` })
const years = () => Array.from({ length: 5 }, (_, n) => String(thisYear() + 1 - n))

export function RangePicker({ range, onChange }: Props) {
  const { t } = useLingui()
  const [is_open, setOpen] = useState(false)
  const year = years().find(
    (one) => yearRange(Number(one)).from === range.from && yearRange(Number(one)).to === range.to,
  )
  const days = useDays()
  const own = year === undefined ? days.stay(range.from, lastOf(range)) : t`Custom range …`
  return (
    <Popover opened={is_open} onChange={setOpen} position="bottom-start" width={300} shadow="md" trapFocus>
      <Popover.Target>
        <Select
          aria-label={t`Range`}
          w={year === undefined ? 275 : 165}
          allowDeselect={false}
          data={[...years(), { value: 'custom', label: own }]}
          value={year ?? 'custom'}
          onOptionSubmit={(value) => {
            if (value === 'custom') setOpen(true)
            else onChange(yearRange(Number(value)))
          }}
        />
      </Popover.Target>
      <Popover.Dropdown>
        <CustomRange
          key={`${range.from} ${range.to}`}
          range={range}
          onChange={(next) => {
            setOpen(false)
            onChange(next)
          }}
        />
      </Popover.Dropdown>
    </Popover>
  )
}

const lastOf = ({ to }: Range) => dateOf(dayOf(to) - 1)

function CustomRange({ range, onChange }: Props) {
  const { t } = useLingui()
  const [from, setFrom] = useState(range.from)
  const [last, setLast] = useState(lastOf(range))
  const length = from === '' || last === '' ? undefined : dayOf(last) - dayOf(from) + 1
  const problem =
    length === undefined
      ? undefined
      : length < 1
        ? t`The last day is before the first.`
        : length > max_range_days
          ? t`At most ${max_range_days} days.`
          : undefined
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (length !== undefined && problem === undefined) onChange({ from, to: dateOf(dayOf(last) + 1) })
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="xs">
        <Group grow align="start">
          <TextInput
            type="date"
            label={t`From`}
            value={from}
            min="2000-01-01"
            max="2100-12-31"
            onChange={(event) => setFrom(event.currentTarget.value)}
          />
          <TextInput
            type="date"
            label={t`Last day`}
            value={last}
            min="2000-01-01"
            max="2100-12-31"
            error={problem}
            onChange={(event) => setLast(event.currentTarget.value)}
          />
        </Group>
        <Button type="submit" disabled={length === undefined || problem !== undefined}>
          <Trans>Show</Trans>
        </Button>
      </Stack>
    </form>
  )
}
