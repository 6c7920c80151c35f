// The signs that people and channels write beside an amount, and the currencies that each one can mean.
// Sources: CLDR 46 (symbols and narrow symbols of the locales of each currency), and the spellings in exports.
import { currencyCodes, isCurrency } from '../../../core/money.ts'

/** Written without dots and in lower case: "Rs." and "RS" are "rs", "د.إ." is "دإ". A sign can be that of several currencies. */
const signs_by_currency: Readonly<Record<string, string>> = {
  AED: 'dh dhs دإ درهم',
  ALL: 'l lek lekë',
  AMD: '֏',
  ARS: 'ar$',
  AUD: 'a$ au$ $au au',
  AWG: 'ƒ afl',
  AZN: '₼ man',
  BAM: 'km',
  BBD: 'bds$ bb$',
  BDT: '৳ tk',
  BGN: 'лв lv lev leva лева',
  BHD: 'bd دب',
  BOB: 'bs',
  BRL: 'r$ reais',
  BWP: 'p',
  BYN: 'br руб р',
  BZD: 'bz$',
  CAD: 'c$ ca$ can$ $ca ca',
  CHF: 'fr sfr frs franken',
  CLP: 'clp$',
  CNY: '¥ cn¥ 元 圆 人民币 rmb yuan',
  COP: 'col$ co$',
  CRC: '₡',
  CZK: 'kč kc korun',
  DKK: 'kr dkr',
  DOP: 'rd$',
  DZD: 'da دج',
  EGP: 'e£ £e le جم',
  EUR: '€ euro euros ευρώ',
  FJD: 'fj$',
  FKP: '£',
  GBP: '£ pound pounds',
  GEL: '₾ ლ',
  GHS: 'gh₵ ₵ gh¢',
  GIP: '£',
  GTQ: 'q',
  GYD: 'g$ gy$',
  HKD: 'hk$ $hk hk 港元',
  HNL: 'l',
  HRK: 'kn',
  HUF: 'ft forint',
  IDR: 'rp',
  ILS: '₪ nis שח ש"ח ש״ח',
  INR: '₹ rs re ₨ रु rupees',
  IRR: 'ریال ﷼',
  IQD: 'دع عد',
  ISK: 'kr ikr íkr króna krónur',
  JMD: 'j$',
  JOD: 'jd دا دأ',
  JPY: '¥ jp¥ 円 yen',
  KES: 'ksh sh',
  KGS: 'сом с',
  KHR: '៛',
  KRW: '₩ 원',
  KWD: 'kd دك',
  KZT: '₸',
  LAK: '₭',
  LBP: 'll لل £',
  LKR: 'rs ₨ රු slrs',
  LSL: 'm l',
  LYD: 'ld دل لد',
  MAD: 'dh dhs دم',
  MDL: 'l lei',
  MGA: 'ar',
  MKD: 'ден den',
  MNT: '₮',
  MOP: 'mop$',
  MUR: 'rs ₨',
  MVR: 'rf mrf ރ',
  MXN: 'mx$ mex$ $mx mx',
  MYR: 'rm',
  MZN: 'mt mtn',
  NAD: 'n$',
  NGN: '₦ n',
  NIO: 'c$',
  NOK: 'kr nkr',
  NPR: 'rs ₨ रु नेरू',
  NZD: 'nz$ $nz nz',
  OMR: 'رع ro or',
  PAB: 'b/',
  PEN: 's/ soles',
  PHP: '₱ p php₱',
  PKR: 'rs ₨',
  PLN: 'zł zl złotych',
  PYG: '₲ gs',
  QAR: 'qr رق ريال',
  RON: 'lei leu l',
  RSD: 'din дин',
  RUB: '₽ руб р rub',
  SAR: 'sr رس ريال ﷼ \u20c1',
  SCR: 'rs ₨ sr',
  SEK: 'kr skr kronor',
  SGD: 's$',
  SRD: 'sr$',
  SYP: 'ls لس £',
  THB: '฿ บาท baht b',
  TND: 'dt دت',
  TOP: 't$',
  TRY: '₺ tl ytl',
  TTD: 'tt$',
  TWD: 'nt$ nt 元 圓 新台幣',
  TZS: 'tsh sh',
  UAH: '₴ грн',
  UGX: 'ush sh',
  USD: 'us$ u$s u$d $us us dollar dollars',
  UYU: '$u',
  UZS: "so'm сум сўм",
  VES: 'bs',
  VND: '₫ đ vnđ',
  WST: 'ws$',
  YER: 'ري',
  XAF: 'fcfa cfa fr f',
  XCD: 'ec$',
  XCG: 'cg ƒ',
  XOF: 'fcfa cfa fr f',
  XPF: 'fcfp cfp fr f',
  ZAR: 'r',
  ZMW: 'k zk',
}

/** The currencies whose own sign is a plain "$": the dollars and pesos. */
const dollars =
  `ARS AUD BBD BMD BND BSD BZD CAD CLP COP CUP CVE DOP FJD GYD HKD JMD KYD LRD MXN NAD NIO NZD SBD SGD SRD TOP TTD
  TWD USD USN UYU WST XCD`.split(/\s+/)

const currencies_by_sign = new Map<string, ReadonlySet<string>>([['$', new Set(dollars)]])
for (const [currency, signs] of Object.entries(signs_by_currency)) {
  for (const sign of signs.split(' ')) {
    currencies_by_sign.set(sign, new Set([...(currencies_by_sign.get(sign) ?? []), currency]))
  }
}
for (const code of currencyCodes) currencies_by_sign.set(code.toLowerCase(), new Set([code]))

/**
 * The currencies that a sign can mean; undefined for a text that is no sign. A code may be joined to a sign: "MXN$", "US$" and
 * "CHF." are read.
 */
export function currenciesOf(sign: string): ReadonlySet<string> | undefined {
  const key = sign.normalize('NFC').replaceAll('.', '').toLowerCase()
  const known = currencies_by_sign.get(key)
  if (known !== undefined) return known
  const code = key.slice(0, 3).toUpperCase()
  return isCurrency(code) && currencies_by_sign.has(key.slice(3)) ? new Set([code]) : undefined
}
