// Parses amounts of money to integer minor units, without floating point.

const currencies = new Set(Intl.supportedValuesOf('currency'))

/** Whether this is an ISO 4217 code. */
export function isCurrency(code: string): boolean {
  return currencies.has(code)
}

const digits_by_currency = new Map<string, number>()

/** Decimals of the currency (ISO 4217): EUR 2, JPY 0, KWD 3. Cached, because a NumberFormat is slow to create. */
export function minorDigits(currency: string): number {
  const cached = digits_by_currency.get(currency)
  if (cached !== undefined) return cached
  const format = new Intl.NumberFormat('en', { style: 'currency', currency })
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2
  digits_by_currency.set(currency, digits)
  return digits
}

export const max_cents = 100_000_000_000

/** Minor units, or why the text is not an amount. */
export type Amount = { readonly cents: number } | { readonly problem: string }

const problem = (text: string): Amount => ({ problem: text })

/**
 * Parses "$1,320.00", "€100", "1.200,50 €", "1 200", "1'200.50", "300 USD". Currency signs are ignored, except that a
 * code or a "€" that contradicts `currency` is a problem. So are a negative amount and too many decimals.
 */
export function parseMoney(text: string, currency: string): Amount {
  const compact = text.replaceAll(/[\s\u00a0\u2009\u202f'’]/g, '')
  const parts = /^([^\d.,-]*)(-?)([^\d.,-]*)([\d.,]+)([^\d.,]*)$/.exec(compact)
  if (parts === null) return problem('is not an amount of money')
  const [, before = '', minus = '', between = '', number = '', after = ''] = parts
  const signs = before + between + after
  if (minus !== '' || /[-−–(]/.test(signs)) return problem('is negative')
  if (!/^(\p{Sc}|\p{L}|\.)*$/u.test(signs)) return problem('is not an amount of money')
  const other = otherCurrency(signs, currency)
  if (other !== undefined) return problem(`is in ${other}, but the currency is ${currency}`)
  const digits = minorDigits(currency)
  const decimal = toDecimal(number, digits)
  if (decimal === undefined) return problem('is not an amount of money')
  const [whole = '', fraction = ''] = decimal.split('.')
  if (/[1-9]/.test(fraction.slice(digits))) return problem(`has more than ${digits} decimals`)
  return toCents(whole, fraction, digits)
}

/** Rounds a plain decimal, such as a nightly rate of 107.125, half up to minor units. */
export function roundMoney(text: string, currency: string): Amount {
  const parts = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text)
  if (parts === null) return problem('is not a decimal number')
  const [, minus = '', whole = '', fraction = ''] = parts
  if (minus !== '' && /[1-9]/.test(whole + fraction)) return problem('is negative')
  const digits = minorDigits(currency)
  const amount = toCents(whole, fraction, digits)
  if ('problem' in amount) return amount
  return { cents: amount.cents + ((fraction[digits] ?? '0') >= '5' ? 1 : 0) }
}

/** The currency that the text names, when it is not the given one. */
function otherCurrency(signs: string, currency: string): string | undefined {
  const code = signs.replaceAll(/[^A-Za-z]/g, '').toUpperCase()
  if (isCurrency(code) && code !== currency) return code
  return signs.includes('€') && currency !== 'EUR' ? 'EUR' : undefined
}

/** The number with "." as decimal point and without thousands separators; undefined when it is malformed. */
function toDecimal(number: string, digits: number): string | undefined {
  const last = number.match(/[.,]/g)?.at(-1)
  if (last === undefined) return number
  const at = number.lastIndexOf(last)
  const whole = number.slice(0, at)
  const tail = number.slice(at + 1)
  const other = last === '.' ? ',' : '.'
  const has_both = whole.includes(other)
  const is_repeated = whole.includes(last)
  if (has_both && is_repeated) return undefined
  const is_grouping = is_repeated || (!has_both && tail.length === 3 && !(digits === 3 && last === '.'))
  if (is_grouping) return withoutGrouping(number, last)
  const units = has_both ? withoutGrouping(whole, other) : whole
  return units === undefined || !/^\d+$/.test(units) || !/^\d+$/.test(tail) ? undefined : `${units}.${tail}`
}

function withoutGrouping(number: string, separator: string): string | undefined {
  const [first = '', ...groups] = number.split(separator)
  const is_grouped = /^[1-9]\d{0,2}$/.test(first) && groups.every((group) => /^\d{3}$/.test(group))
  return is_grouped ? [first, ...groups].join('') : undefined
}

/** Truncates the fraction to `digits`. */
function toCents(whole: string, fraction: string, digits: number): Amount {
  const minor = whole + fraction.slice(0, digits).padEnd(digits, '0')
  const cents = Number(minor)
  return minor.length > 15 || cents > max_cents ? problem('is too large') : { cents }
}
