// What the file does not say itself. Each change previews the file again.
import { Trans, useLingui } from '@lingui/react/macro'
import { Group, Select, TextInput } from '@mantine/core'
import { useEffect, useState } from 'react'
import { ApiError } from '../../../api/errors.ts'
import { sources, useSourceName } from '../../../ui/sources.ts'
import classes from '../import.module.css'
import type { Options } from '../queries.ts'

interface Props {
  readonly options: Options
  readonly error: unknown
  readonly is_disabled: boolean
  readonly set: (options: Partial<Options>) => void
}

export function ImportOptions({ options, error, is_disabled, set }: Props) {
  const { t } = useLingui()
  const sourceName = useSourceName()
  const reason = error instanceof ApiError ? error.meta.reason : undefined
  const is_needed = reason === 'date_order_required' || reason === 'currency_required'
  const [is_open, setOpen] = useState(false)
  useEffect(() => {
    if (is_needed) setOpen(true)
  }, [is_needed])
  return (
    <details open={is_open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className={classes.summary}>
        <Trans>Options</Trans>
      </summary>
      <Group mt="xs" align="start">
        <CurrencyInput
          options={options}
          is_disabled={is_disabled}
          set={set}
          is_needed={reason === 'currency_required'}
        />
        {options.kind === 'bookings' && (
          <>
            <Select
              label={t`Order of the dates`}
              placeholder={t`as the file shows`}
              clearable
              disabled={is_disabled}
              error={reason === 'date_order_required' && t`Choose the order`}
              value={options.date_order ?? null}
              onChange={(order) => set({ date_order: (order ?? undefined) as Options['date_order'] })}
              data={[
                { value: 'dmy', label: t`Day, month, year` },
                { value: 'mdy', label: t`Month, day, year` },
                { value: 'iso', label: t`Year, month, day` },
              ]}
            />
            <Select
              label={t`Channel of all rows`}
              placeholder={t`as the file says`}
              clearable
              disabled={is_disabled}
              value={options.source ?? null}
              onChange={(source) => set({ source: (source ?? undefined) as Options['source'] })}
              data={Object.keys(sources)
                .filter((value) => value !== 'manual')
                .map((value) => ({ value, label: sourceName(value as keyof typeof sources) }))}
            />
          </>
        )}
      </Group>
    </details>
  )
}

function CurrencyInput({ options, is_disabled, set, is_needed }: Omit<Props, 'error'> & { is_needed: boolean }) {
  const { t } = useLingui()
  const [text, setText] = useState(options.currency ?? '')
  const code = text.trim().toUpperCase()
  const apply = () => {
    if ((code === '' || /^[A-Z]{3}$/.test(code)) && code !== (options.currency ?? ''))
      set({ currency: code === '' ? undefined : code })
  }
  return (
    <TextInput
      label={t`Currency`}
      placeholder={options.kind === 'bookings' ? t`of each home` : 'EUR'}
      w={140}
      maxLength={3}
      disabled={is_disabled}
      error={is_needed && t`Enter the currency of the prices`}
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={apply}
      onKeyDown={(event) => event.key === 'Enter' && apply()}
    />
  )
}
