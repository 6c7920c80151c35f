// Prices as people write them -> integer minor units. No float, and no currency read off a sign.

const currencies = new Set(Intl.supportedValuesOf('currency'))

export function isCurrency(code: string): boolean {
  return currencies.has(code)
}

const knownDigits = new Map<string, number>()

/** Digits behind the decimal point: EUR 2, JPY 0, KWD 3. */
export function minorDigits(currency: string): number {
  const known = knownDigits.get(currency)
  if (known !== undefined) return known
  const format = new Intl.NumberFormat('en', { style: 'currency', currency })
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2
  knownDigits.set(currency, digits)
  return digits
}

export const max_cents = 100_000_000_000

/** Minor units, or a sentence that says what is wrong. */
export type Amount = { readonly cents: number } | { readonly problem: string }

const problem = (text: string): Amount => ({ problem: text })

/**
 * Reads "$1,320.00", "€100", "1.200,50 €", "1 200", "1'200.50", "300 USD". A "$" or any other sign says nothing about
 * the currency, but a code or a "€" that contradicts `currency` is a problem, as is a minus, and a decimal too many.
 */
export function parseMoney(text: string, currency: string): Amount {
  const compact = text.replaceAll(/[\s\u00a0\u2009\u202f'’]/g, '')
  const parts = /^([^\d.,-]*)(-?)([^\d.,-]*)([\d.,]+)([^\d.,]*)$/.exec(compact)
  if (parts === null) return problem('is not an amount of money')
  const [, before = '', minus = '', between = '', number = '', after = ''] = parts
  const signs = before + between + after
  if (minus !== '' || /[-−–(]/.test(signs)) return problem('is negative')
  if (!/^(\p{Sc}|\p{L}|\.)*$/u.test(signs)) return problem('is not an amount of money')
  const contradiction = contradicted(signs, currency)
  if (contradiction !== undefined) return problem(`is in ${contradiction}, but the currency is ${currency}`)
  const digits = minorDigits(currency)
  const decimal = toDecimal(number, digits)
  if (decimal === undefined) return problem('is not an amount of money')
  const [whole = '', fraction = ''] = decimal.split('.')
  if (/[1-9]/.test(fraction.slice(digits))) return problem(`has more than ${digits} decimals`)
  return inRange(whole + fraction.slice(0, digits).padEnd(digits, '0'))
}

function contradicted(signs: string, currency: string): string | undefined {
  const code = signs.replaceAll(/[^A-Za-z]/g, '').toUpperCase()
  if (isCurrency(code) && code !== currency) return code
  return signs.includes('€') && currency !== 'EUR' ? 'EUR' : undefined
}

/** The number with "." before its decimals and nothing between its thousands; undefined when it can be no number. */
function toDecimal(number: string, digits: number): string | undefined {
  const marks = number.match(/[.,]/g) ?? []
  const last = marks.at(-1)
  if (last === undefined) return number
  const at = number.lastIndexOf(last)
  const whole = number.slice(0, at)
  const tail = number.slice(at + 1)
  const other = last === '.' ? ',' : '.'
  const is_mixed = whole.includes(other)
  const is_repeated = whole.includes(last)
  if (is_mixed && is_repeated) return undefined
  const is_grouping = is_repeated || (!is_mixed && tail.length === 3 && !(digits === 3 && last === '.'))
  if (is_grouping) return ungrouped(number, last)
  const units = is_mixed ? ungrouped(whole, other) : whole
  return units === undefined || !/^\d+$/.test(units) || !/^\d+$/.test(tail) ? undefined : `${units}.${tail}`
}

function ungrouped(number: string, mark: string): string | undefined {
  const [first = '', ...groups] = number.split(mark)
  const is_grouped = /^[1-9]\d{0,2}$/.test(first) && groups.every((group) => /^\d{3}$/.test(group))
  return is_grouped ? [first, ...groups].join('') : undefined
}

function inRange(minor: string): Amount {
  const cents = Number(minor)
  return minor.length > 15 || cents > max_cents ? problem('is too large') : { cents }
}

/** A plain decimal, such as a nightly rate of 107.125, rounded half up to minor units. */
export function roundMoney(text: string, currency: string): Amount {
  const parts = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text)
  if (parts === null) return problem('is not a decimal number')
  const [, minus = '', whole = '', fraction = ''] = parts
  if (minus !== '' && /[1-9]/.test(whole + fraction)) return problem('is negative')
  const digits = minorDigits(currency)
  const kept = inRange(whole + fraction.slice(0, digits).padEnd(digits, '0'))
  if ('problem' in kept) return kept
  return { cents: kept.cents + ((fraction[digits] ?? '0') >= '5' ? 1 : 0) }
}
