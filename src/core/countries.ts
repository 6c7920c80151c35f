// The countries of ISO 3166-1 by their two-letter codes, and codes for the names that files have.

/**
 * ISO 3166-1 alpha-2, all 249 officially assigned codes as of newsletter VI-17 (https://www.iso.org/obp/ui/#search, "Country codes"), and
 * XK, which the standard leaves to users and the European Union and CLDR use for Kosovo. Not from Intl: it also knows regions and
 * former countries, and its list depends on the version of Node.
 */
export const countryCodes: readonly string[] =
  `AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK
  CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT
  GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA
  MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS
  PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ
  UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW`.split(/\s+/)

const known: ReadonlySet<string> = new Set(countryCodes)

/** Whether this is the code of a country, in capital letters. */
export function isCountry(code: string): boolean {
  return known.has(code)
}

/** The languages in which files name countries. */
const name_languages = ['en', 'de', 'fr', 'it', 'es', 'nl', 'pl', 'cs']

let codesByName: ReadonlyMap<string, string> | undefined

/** Built at the first use, because only imports need it. */
function namesOfCountries(): ReadonlyMap<string, string> {
  const entries = name_languages.flatMap((language) => {
    const names = new Intl.DisplayNames([language], { type: 'region', fallback: 'none' })
    return countryCodes.map((code): [string, string] => [nameKey(names.of(code) ?? code), code])
  })
  return new Map(entries)
}

const nameKey = (text: string) => text.normalize('NFKC').toLowerCase().trim()

/** The code of a country that is given as a code in any case ("de") or by its name ("Deutschland"). Undefined for other texts. */
export function findCountry(text: string): string | undefined {
  const code = text.trim().toUpperCase()
  if (isCountry(code)) return code
  if (code === 'UK') return 'GB'
  codesByName ??= namesOfCountries()
  return codesByName.get(nameKey(text))
}
