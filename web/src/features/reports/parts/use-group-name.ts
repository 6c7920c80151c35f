// The name of a group of the report: a month, a home, a city, a source, a country.
import { useLingui } from '@lingui/react/macro'
import type { Schema } from '../../../api/client.ts'
import { dayOf, formatDay } from '../../../locales/days.ts'
import { useLocale } from '../../../locales/i18n.ts'
import { useCountryName } from '../../../ui/countries.tsx'
import { sources, useSourceName } from '../../../ui/sources.ts'
import type { Grouping } from '../search.ts'

export type Group = Schema['Report']['groups'][number]

/** `month_short` for places without room: the axis of a plot. */
export function useGroupName(group_by: Grouping, month: 'month' | 'month_short' = 'month'): (group: Group) => string {
  const { t } = useLingui()
  const locale = useLocale()
  const sourceName = useSourceName()
  const countryName = useCountryName()
  return ({ key, name }) => {
    if (group_by === 'month' && key !== null) return formatDay(locale, dayOf(`${key.slice(0, 7)}-01`), month)
    if (group_by === 'source' && key !== null && Object.hasOwn(sources, key)) return sourceName(key as never)
    if (group_by === 'country') return key === null ? t`Not known` : countryName(key)
    return name ?? key ?? t`Without`
  }
}
