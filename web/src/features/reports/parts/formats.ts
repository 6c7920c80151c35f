// How figures are written in the language of the page.
import { useLocale } from '../../../locales/i18n.ts'

/** 2258 basis points -> 22.6 %. */
export function usePercent(): (basis_points: number | null) => string {
  const locale = useLocale()
  const format = new Intl.NumberFormat(locale, { style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 })
  return (basis_points) => (basis_points === null ? '–' : format.format(basis_points / 10_000))
}

/** 7366 -> 7,366 */
export function useCount(): (count: number) => string {
  const format = new Intl.NumberFormat(useLocale())
  return (count) => format.format(count)
}
