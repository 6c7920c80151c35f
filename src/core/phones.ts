// Telephone numbers: the stored form, digits with a leading + if the country is given.

/**
 * Countries whose national numbers begin with a trunk 0 that is not dialled from abroad: behind their code no number begins
 * with 0. Italy (39), San Marino (378) and some others keep their 0. Source: ITU-T, National Numbering Plans.
 */
const trunk_zero = [
  '20 27 31 32 33 40 41 43 44 46 49 60 61 62 63 64 66 81 82 84 86 90 91 92 93 94 95 98',
  '212 213 218 220 234 251 254 255 256 260 263 353 355 358 359 373 374 380 381 382 383 385 386 387 389 421',
  '855 856 880 886 961 962 963 964 966 967 970 971 972 976 977 992 993 994 995 996 998',
].flatMap((codes) => codes.split(' '))
const behind_trunk_zero = new RegExp(`^\\+(${trunk_zero.join('|')})0+(?=[1-9])`)

/**
 * 7 to 15 digits with a leading + if given: "+43 (0)660 1234567", "'+43 660 1234567" and "0043-660/1234567" are
 * "+436601234567". Undefined for a text that is not a number.
 */
export function canonicalPhone(given: string): string | undefined {
  const compact = compactPhone(given)
  return /^\+?[0-9]{7,15}$/.test(compact) ? compact : undefined
}

/** The same form for a part of a number, as for a search. Not checked: other texts lose only blanks and punctuation. */
export function compactPhone(given: string): string {
  if (given.length > 60) return ''
  return given
    .normalize('NFKC')
    .replaceAll(/[\u0660-\u0669\u06f0-\u06f9]/g, (digit) => String((digit.codePointAt(0) ?? 0) & 15))
    .replaceAll(/[\p{Cf}\s'\u2019()./]|\p{Pd}/gu, '')
    .replace(/^tel:/i, '')
    .replace(/^00(?=[1-9])/, '+')
    .replace(behind_trunk_zero, '+$1')
}
