// The names and abbreviations of months in English, German, Spanish, French, Italian, Dutch and Portuguese.

import { withoutMarks } from '../../../core/text.ts'

/** Without accents and in lower case, January first. Source: CLDR 46, wide and abbreviated names; "Jänner" and "Feber" are Austrian. */
const months: readonly RegExp[] = [
  /^(jan(uary|uar|uari|vier|v|eiro)?|ja(e)?nner|ene(ro)?|gen(n|naio)?)$/,
  /^(feb(r|ruary|ruar|ruari|rero|braio|er)?|fev(r|rier|ereiro)?)$/,
  /^(mar(ch|z|zo|s|co)?|maerz|maart|mrt)$/,
  /^(apr(il|ile)?|abr(il)?|avr(il)?)$/,
  /^(may|mai|mayo|mag(gio)?|mei|maio)$/,
  /^(jun(e|i|io|ho)?|juin|giu(gno)?)$/,
  /^(jul(y|i|io|ho)?|juil(l|let)?|lug(lio)?)$/,
  /^(aug(ust|ustus)?|ago(sto)?|aout?)$/,
  /^(sep(t|tember|tembre|tiembre)?|set(t|tembre|embro|iembre)?)$/,
  /^(oct(ober|ubre|obre)?|okt(ober)?|out(ubro)?|ott(obre)?)$/,
  /^nov(ember|embre|iembre|embro)?$/,
  /^(dec(ember|embre)?|dez(ember|embro)?|dic(iembre|embre)?)$/,
]

/** 1 to 12; undefined for another word. Accents, case and a last dot do not matter. */
export function monthNamed(word: string): number | undefined {
  const plain = withoutMarks(word).toLowerCase().replace(/\.$/, '')
  const index = months.findIndex((pattern) => pattern.test(plain))
  return index < 0 ? undefined : index + 1
}
