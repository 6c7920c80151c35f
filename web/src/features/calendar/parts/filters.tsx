// The filters of the calendar: text, people, free from and to, what needs attention, groups.
import { Trans, useLingui } from '@lingui/react/macro'
import { ActionIcon, Button, CloseButton, Group, NumberInput, Popover, Stack, Switch, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconAdjustmentsHorizontal, IconMinus, IconPlus } from '@tabler/icons-react'
import { type RefObject, useEffect, useRef, useState } from 'react'
import classes from '../calendar.module.css'
import { freeNights, nextZoom, type Search } from '../search.ts'

interface Props {
  readonly search: Search
  readonly change: (next: Partial<Record<keyof Search, unknown>>) => void
  readonly text_input: RefObject<HTMLInputElement | null>
}

export function Filters({ search, change, text_input }: Props) {
  const { t } = useLingui()
  const { text, setText } = useText(search.q, change)
  const [wider, closer] = [nextZoom(search.zoom, 'wider'), nextZoom(search.zoom, 'closer')]
  return (
    <>
      <TextInput
        ref={text_input}
        aria-label={t`Filter by name or city`}
        placeholder={t`Name or city`}
        className={classes.text}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        maxLength={100}
        rightSection={text !== '' && <CloseButton size="sm" aria-label={t`Clear`} onClick={() => setText('')} />}
      />
      <MoreFilters search={search} change={change} />
      <Group gap={2} wrap="nowrap" visibleFrom="sm">
        <ActionIcon
          aria-label={t`Show more days`}
          disabled={wider === undefined}
          onClick={() => change({ zoom: wider })}
        >
          <IconMinus size={16} />
        </ActionIcon>
        <ActionIcon
          aria-label={t`Show fewer days`}
          disabled={closer === undefined}
          onClick={() => change({ zoom: closer })}
        >
          <IconPlus size={16} />
        </ActionIcon>
      </Group>
    </>
  )
}

/** The text of the filter, which is in the address a moment after it was typed. */
function useText(q = '', change: Props['change']) {
  const [text, show] = useState(q)
  const sent = useRef(q)
  const send = useDebouncedCallback((next: string) => {
    sent.current = next
    change({ q: next || undefined })
  }, 250)
  useEffect(() => {
    // Something else has changed it: all filters were cleared, or the browser went back.
    if (q !== sent.current) show(q)
    sent.current = q
  }, [q])
  function setText(next: string): void {
    show(next)
    send(next.trim())
  }
  return { text, setText }
}

function MoreFilters({ search, change }: Omit<Props, 'text_input'>) {
  const { t } = useLingui()
  const { guests, free_from, free_to, attention, grouped, city } = search
  const count = [guests, free_from, attention, city].filter((value) => value !== undefined).length
  return (
    <Popover position="bottom-start" width={280} shadow="md" trapFocus>
      <Popover.Target>
        <Button variant={count > 0 ? 'light' : 'default'} leftSection={<IconAdjustmentsHorizontal size={16} />} px="sm">
          {count > 0 ? <Trans>Filters: {count}</Trans> : <Trans>Filters</Trans>}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="sm">
          <NumberInput
            label={t`People`}
            min={1}
            max={500}
            value={guests ?? ''}
            onChange={(value) => change({ guests: typeof value === 'number' ? value : undefined })}
          />
          <FreeNights from={free_from} to={free_to} change={change} />
          <Switch
            label={t`Only what needs a decision`}
            checked={attention === true}
            onChange={(event) => change({ attention: event.currentTarget.checked || undefined })}
          />
          <Switch
            label={t`Group by city`}
            checked={grouped === true}
            onChange={(event) => change({ grouped: event.currentTarget.checked || undefined })}
          />
          {count > 0 && (
            <Button
              variant="subtle"
              onClick={() =>
                change({
                  guests: undefined,
                  free_from: undefined,
                  free_to: undefined,
                  attention: undefined,
                  city: undefined,
                })
              }
            >
              <Trans>Clear all filters</Trans>
            </Button>
          )}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  )
}

interface FreeNightsProps {
  readonly from: string | undefined
  readonly to: string | undefined
  readonly change: Props['change']
}

/** What is typed is a draft until it is two dates: the year 2027 begins as 0002. */
function FreeNights({ from = '', to = '', change }: FreeNightsProps) {
  const { t } = useLingui()
  const [draft, setDraft] = useState({ from, to })
  useEffect(() => setDraft({ from, to }), [from, to])
  function edit(changed: 'from' | 'to', text: string): void {
    const next = { ...draft, [changed]: text }
    const nights = freeNights(next, changed)
    setDraft({ ...next, ...(nights?.free_to !== undefined && { to: nights.free_to }) })
    if (nights !== undefined && (nights.free_from ?? '') + (nights.free_to ?? '') !== from + to) change(nights)
  }
  return (
    <Group grow gap="xs">
      <TextInput
        type="date"
        label={t`Free from`}
        value={draft.from}
        onChange={(event) => edit('from', event.currentTarget.value)}
      />
      <TextInput
        type="date"
        label={t`to`}
        min={draft.from}
        value={draft.to}
        onChange={(event) => edit('to', event.currentTarget.value)}
      />
    </Group>
  )
}
