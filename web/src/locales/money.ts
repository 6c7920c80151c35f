// Amounts: integer minor units in, text out.
import { useLocale } from './i18n.ts'

const cache = new Map<string, Intl.NumberFormat>()

/** 124150, EUR -> `1.241,50 €`. The number of decimals is that of the currency (ISO 4217, as Intl knows it). */
export function formatMoney(locale: string, cents: number, currency: string): string {
  const key = `${locale} ${currency}`
  const format = cache.get(key) ?? new Intl.NumberFormat(locale, { style: 'currency', currency })
  cache.set(key, format)
  return format.format(cents / 10 ** decimalsOf(currency))
}

/** EUR -> 2, JPY -> 0. */
export function decimalsOf(currency: string): number {
  return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2
}

/** Groups by points, groups by commas, or no groups; the other sign is that of the decimals. */
const amounts = [
  /^(-?)(\d{1,3}(?:\.\d{3})+)(?:,(\d+))?$/,
  /^(-?)(\d{1,3}(?:,\d{3})+)(?:\.(\d+))?$/,
  /^(-?)(\d+)(?:[.,](\d+))?$/,
]

/** `1.241,50` or `1,241.50` or `1241.5` -> 124150. Undefined when it is not an amount with at most the decimals of the currency. */
export function parseMoney(text: string, currency: string): number | undefined {
  const plain = text.replaceAll(/[\s'’]/g, '')
  const decimals = decimalsOf(currency)
  const match = amounts.map((amount) => amount.exec(plain)).find((found) => found !== null)
  if (match === undefined) return undefined
  const [, sign = '', whole = '', fraction = ''] = match
  if (fraction.length > decimals) return undefined
  const amount = Number(whole.replaceAll(/[.,]/g, '') + fraction.padEnd(decimals, '0'))
  return Number.isSafeInteger(amount) ? (sign === '-' ? -amount : amount) : undefined
}

/** Writes amounts in the language of the screen. */
export function useMoney() {
  const locale = useLocale()
  return (cents: number, currency: string) => formatMoney(locale, cents, currency)
}
