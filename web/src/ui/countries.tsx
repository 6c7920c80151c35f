// The names of countries in the language of the page, and a select of them.
import { useLingui } from '@lingui/react/macro'
import { Select } from '@mantine/core'
import type { ReactNode } from 'react'
import { countryCodes } from '../../../src/core/countries.ts'
import { useLocale } from '../locales/i18n.ts'

/** The name of a country: `AT` -> Österreich. A code without a name stays a code. */
export function useCountryName(): (code: string) => string {
  const names = new Intl.DisplayNames([useLocale()], { type: 'region' })
  return (code) => {
    try {
      return names.of(code) ?? code
    } catch {
      return code
    }
  }
}

interface Props {
  /** '' without a country. */
  readonly value: string
  readonly onChange: (code: string) => void
  readonly readOnly?: boolean
  readonly error?: ReactNode
  /** In the head of a page: without a label above it. */
  readonly is_filter?: boolean
}

/** All countries by name; the name can be typed. */
export function CountrySelect({ value, onChange, readOnly = false, error, is_filter = false }: Props) {
  const { t } = useLingui()
  const locale = useLocale()
  const nameOf = useCountryName()
  const data = countryCodes
    .map((code) => ({ value: code, label: nameOf(code) }))
    .sort((a, b) => a.label.localeCompare(b.label, locale))
  return (
    <Select
      {...(is_filter ? { 'aria-label': t`Country`, placeholder: t`Country`, w: 135 } : { label: t`Country` })}
      data={data}
      searchable
      clearable={!readOnly}
      readOnly={readOnly}
      autoComplete="off"
      value={value === '' ? null : value}
      error={error}
      limit={300}
      onChange={(code) => onChange(code ?? '')}
    />
  )
}
