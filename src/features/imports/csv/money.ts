// Parses amounts of money to integer minor units, without floating point.
import { max_cents, minorDigits } from '../../../core/money.ts'
import { currenciesOf } from './currency-signs.ts'

/** Minor units, or why the text is not an amount. */
export type Amount = { readonly cents: number } | { readonly problem: string }

const problem = (text: string): Amount => ({ problem: text })
const unreadable = problem('is not an amount of money')

export interface MoneyOptions {
  /** `any`: a plain "$" is ignored. Inside Airbnb writes it before every price, whatever its currency. */
  readonly dollar?: 'of_currency' | 'any'
}

/**
 * Parses the spellings of the currencies in use: "$1,320.00", "1.200,50 €", "1 200", "1'200.-", "₹1,23,456.00", "1234,50 kr.",
 * "300 USD". More digits than the currency has are rounded half up. A sign or code of another currency than `currency` is a
 * problem, and so is a negative amount.
 */
export function parseMoney(text: string, currency: string, options: MoneyOptions = {}): Amount {
  const amount = parseSignedMoney(text, currency, options)
  return 'cents' in amount && amount.cents < 0 ? problem('is negative') : amount
}

/** Like parseMoney, but "-5", "5-", "−€5" and "(5)" are negative amounts. */
export function parseSignedMoney(text: string, currency: string, options: MoneyOptions = {}): Amount {
  const parts = partsOf(text)
  if (parts === undefined) return unreadable
  const { signs, number, is_negative } = parts
  for (const sign of signs) {
    if (sign === '$' && options.dollar === 'any') continue
    const meant = currenciesOf(sign)
    if (meant === undefined) return unreadable
    if (!meant.has(currency)) return otherCurrency(sign, [...meant], currency)
  }
  const decimal = toDecimal(number, currency)
  if (decimal === undefined) return unreadable
  const amount = toCents(decimal, minorDigits(currency))
  return is_negative && 'cents' in amount ? { cents: 0 - amount.cents } : amount
}

function otherCurrency(sign: string, meant: readonly string[], currency: string): Amount {
  const [only, second] = meant
  const found = second === undefined ? `is in ${only}` : `has the sign "${sign}"`
  return problem(`${found}, but the currency is ${currency}`)
}

interface Parts {
  /** The signs and codes before and behind the number. */
  readonly signs: readonly string[]
  /** Digits with "." "," "'" and blanks. */
  readonly number: string
  readonly is_negative: boolean
}

/** An amount of up to 60 characters: a text in another cell is not searched for a number. */
function partsOf(text: string): Parts | undefined {
  const plain = text.length > 60 ? '' : simplify(text)
  // ",-" ".-" ":-" and the Indian "/-" behind the digits say that there are no cents. A minus directly behind them is a minus.
  const found = /^([^\d]*?)((?:(?<![\p{L}/])[.,])?\d(?:[\d.,' ]*\d)?)(?:[.,:/]-{1,2})?([^\d]*)$/u.exec(plain)
  if (found === null) return undefined
  const [, before = '', number = '', after = ''] = found
  const minus = (before + after).match(/[-()]/g)?.join('') ?? ''
  if (!['', '-', '()', '-()'].includes(minus)) return undefined
  const signs = `${before} ${after}`
    .replaceAll(/[-+()]/g, ' ')
    .split(' ')
    .filter(Boolean)
  return { signs, number, is_negative: minus !== '' }
}

const digit_zeros = [0x660, 0x6f0, 0x966, 0x9e6, 0xe50, 0xff10]

/** One character for each kind of digit, blank, apostrophe and minus. Marks of the writing direction are left out. */
function simplify(text: string): string {
  return text
    .replaceAll(/\p{Cf}/gu, '')
    .replaceAll(/\p{Nd}/gu, (digit) => {
      const code = digit.codePointAt(0) ?? 0
      const zero = digit_zeros.find((first) => code >= first && code <= first + 9)
      return zero === undefined ? digit : String(code - zero)
    })
    .replaceAll('\u066b', '.')
    .replaceAll('\u066c', ',')
    .replaceAll('\uffe5', '¥')
    .replaceAll('\uffe6', '₩')
    .replaceAll('\uffe1', '£')
    .replaceAll(/['\u2018\u2019\u201b\u02bc\u02b9\u2032\u00b4`\uff07]/g, "'")
    .replaceAll(/[\p{Pd}\u2212]/gu, '-')
    .replaceAll(/\s+/g, ' ')
    .replace(/^ ?'/, '')
    .trim()
}

/** Rounds a plain decimal, such as a nightly rate of 107.125, half up to minor units. */
export function roundMoney(text: string, currency: string): Amount {
  const parts = /^(-?)(\d+(?:\.\d+)?)$/.exec(text)
  if (parts === null) return problem('is not a decimal number')
  const [, minus = '', decimal = ''] = parts
  if (minus !== '' && /[1-9]/.test(decimal)) return problem('is negative')
  return toCents(decimal, minorDigits(currency))
}

/** The number with "." as decimal point and without thousands separators; undefined when it is malformed. */
function toDecimal(number: string, currency: string): string | undefined {
  const last = number.match(/[.,' ]/g)?.at(-1)
  if (last === undefined) return number
  const at = number.lastIndexOf(last)
  const [whole, tail] = [number.slice(0, at), number.slice(at + 1)]
  if (!isDecimalPoint(last, whole, tail, currency)) return withoutGrouping(number, last, currency)
  const grouping = whole.match(/[.,' ]/)?.[0]
  const units = grouping === undefined ? whole : withoutGrouping(whole, grouping, currency)
  return units === undefined || !/^\d*$/.test(units) ? undefined : `${units || '0'}.${tail}`
}

/** With one "." or "," and three digits behind it, the number is taken for thousands: "1.320" is 1320. */
function isDecimalPoint(mark: string, whole: string, tail: string, currency: string): boolean {
  if ((mark !== '.' && mark !== ',') || whole.includes(mark)) return false
  if (/[.,' ]/.test(whole) || tail.length !== 3 || /^0?$/.test(whole)) return true
  return whole.length > 3 || (mark === '.' && minorDigits(currency) === 3)
}

const lakh_currencies = ['INR', 'PKR', 'LKR', 'NPR', 'BDT', 'BTN', 'MVR']

/** Groups of three digits; in South Asia also of two before the last three (1,23,456). */
function withoutGrouping(number: string, separator: string, currency: string): string | undefined {
  const [first = '', ...groups] = number.split(separator)
  const last = groups.pop() ?? ''
  if (!/^\d{3}$/.test(last)) return undefined
  const isGrouped = (size: number) =>
    new RegExp(`^[1-9]\\d{0,${size - 1}}$`).test(first) &&
    groups.every((group) => /^\d+$/.test(group) && group.length === size)
  const is_grouped = isGrouped(3) || (lakh_currencies.includes(currency) && isGrouped(2))
  return is_grouped ? [first, ...groups, last].join('') : undefined
}

/** Rounds half up to `digits`. */
function toCents(decimal: string, digits: number): Amount {
  const [whole = '', fraction = ''] = decimal.split('.')
  const minor = whole + fraction.slice(0, digits).padEnd(digits, '0')
  const cents = Number(minor) + ((fraction[digits] ?? '0') >= '5' ? 1 : 0)
  return minor.replace(/^0+/, '').length > 15 || cents > max_cents ? problem('is too large') : { cents }
}
