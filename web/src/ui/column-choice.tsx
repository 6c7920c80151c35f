// Which columns a list shows: chosen with checkboxes, kept in the address.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button, Checkbox, Popover, Stack } from '@mantine/core'
import { IconColumns3 } from '@tabler/icons-react'
import type { Column } from './data-table.tsx'

interface Props<Row> {
  readonly columns: readonly Column<Row>[]
  /** The keys that are shown. */
  readonly shown: readonly string[]
  /** Undefined for the columns that are shown without a choice. */
  readonly onChange: (keys: readonly string[] | undefined) => void
  readonly is_chosen: boolean
}

export function ColumnChoice<Row>({ columns, shown, onChange, is_chosen }: Props<Row>) {
  const { t } = useLingui()
  // In the order of the table; the last one cannot be hidden.
  const toggle = (key: string) => {
    const keys = columns.map((one) => one.key).filter((one) => shown.includes(one) !== (one === key))
    if (keys.length > 0) onChange(keys)
  }
  return (
    <Popover position="bottom-start" width={220} shadow="md" trapFocus>
      <Popover.Target>
        <Button variant={is_chosen ? 'light' : 'default'} px={10} aria-label={t`Columns`} visibleFrom="md">
          <IconColumns3 size={16} />
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="xs">
          {columns.map(({ key, title }) => (
            <Checkbox key={key} label={title} checked={shown.includes(key)} onChange={() => toggle(key)} />
          ))}
          {is_chosen && (
            <Button variant="subtle" onClick={() => onChange(undefined)}>
              <Trans>Usual columns</Trans>
            </Button>
          )}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  )
}
