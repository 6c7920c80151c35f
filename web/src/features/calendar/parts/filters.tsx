// The filters of the calendar: text, people, free from and to, what needs attention, groups.
import { Trans, useLingui } from '@lingui/react/macro'
import { ActionIcon, Button, CloseButton, Group, NumberInput, Popover, Stack, Switch, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconAdjustmentsHorizontal, IconMinus, IconPlus } from '@tabler/icons-react'
import { type RefObject, useState } from 'react'
import { nextZoom, type Search } from '../search.ts'

interface Props {
  readonly search: Search
  readonly change: (next: Partial<Record<keyof Search, unknown>>) => void
  readonly text_input: RefObject<HTMLInputElement | null>
}

export function Filters({ search, change, text_input }: Props) {
  const { t } = useLingui()
  const [text, setText] = useState(search.q ?? '')
  const changeText = useDebouncedCallback((q: string) => change({ q: q.trim() || undefined }), 250)
  const [wider, closer] = [nextZoom(search.zoom, 'wider'), nextZoom(search.zoom, 'closer')]
  return (
    <>
      <TextInput
        ref={text_input}
        aria-label={t`Filter by name or city`}
        placeholder={t`Name or city`}
        w={150}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value)
          changeText(event.currentTarget.value)
        }}
        rightSection={
          text !== '' && (
            <CloseButton
              size="sm"
              aria-label={t`Clear`}
              onClick={() => {
                setText('')
                change({ q: undefined })
              }}
            />
          )
        }
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
          <Group grow gap="xs">
            <TextInput
              type="date"
              label={t`Free from`}
              value={free_from ?? ''}
              onChange={(event) => change(freeRange(event.currentTarget.value, free_to))}
            />
            <TextInput
              type="date"
              label={t`to`}
              value={free_to ?? ''}
              min={free_from}
              onChange={(event) => change({ free_from, free_to: event.currentTarget.value || undefined })}
            />
          </Group>
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

/** A week from the first day, until the second one is chosen. */
function freeRange(from: string, to: string | undefined) {
  if (from === '') return { free_from: undefined, free_to: undefined }
  const week = new Date(Date.parse(`${from}T00:00:00Z`) + 7 * 86_400_000).toISOString().slice(0, 10)
  return { free_from: from, free_to: to !== undefined && to > from ? to : week }
}
