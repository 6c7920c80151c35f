// The currencies of ISO 4217 with their minor digits, from a table of ours: the same on every Node.

/**
 * ISO 4217:2015, list one (currencies and funds), as of amendment 180 (2025-09-22); published by the maintenance agency SIX:
 * https://www.six-group.com/en/products-services/financial-information/data-standards.html. Intl follows CLDR instead, which
 * has 0 digits for HUF, COP and IQD, and its list differs between versions of Node. Without the codes that have no minor unit
 * (metals, XDR, XTS, XXX), because no price is in them.
 */
const codes_by_digits: Readonly<Record<number, string>> = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
  2: `AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY COP COU
    CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES
    KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR
    NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP
    TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG`,
  3: 'BHD IQD JOD KWD LYD OMR TND',
  4: 'CLF UYW',
}

/** List three, withdrawn since 2021: bookings of those years are still imported and read. */
const withdrawn = 'ANG BGN CUC HRK SLL ZWL'

const digits_by_currency: ReadonlyMap<string, number> = new Map([
  ...Object.entries(codes_by_digits).flatMap(([digits, codes]) =>
    codes.split(/\s+/).map((code): [string, number] => [code, Number(digits)]),
  ),
  ...withdrawn.split(' ').map((code): [string, number] => [code, 2]),
])

export const currencyCodes: readonly string[] = [...digits_by_currency.keys()].sort()

/** Whether this is the code of a currency, in capital letters. */
export function isCurrency(code: string): boolean {
  return digits_by_currency.has(code)
}

/** Decimals of the minor unit: EUR 2, JPY 0, KWD 3. 2 for a code that is stored but not in the table. */
export function minorDigits(currency: string): number {
  return digits_by_currency.get(currency) ?? 2
}

/** The largest amount that is stored, in minor units. */
export const max_cents = 100_000_000_000
