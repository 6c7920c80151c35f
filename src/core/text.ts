// Names, ids and other texts of one line: one spelling for what looks the same, nothing that is not seen.

import { invalid } from './errors.ts'

/** The stored form, or why the text is refused. */
export type CleanText = { readonly text: string } | { readonly problem: string }

/**
 * The stored form of a text of one line: NFC, trimmed, every run of blanks one space. Refuses control characters, line breaks,
 * and characters that are not seen or that reorder the text (zero-width, bidirectional, fillers), because two texts that look
 * the same must be the same. '' stays ''; the caller decides whether a text is required.
 */
export function cleanLine(given: string): CleanText {
  const text = collapse(given)
  if (plain.test(text)) return { text }
  if (control.test(text)) return { problem: 'must not contain control characters or line breaks' }
  const hidden = invisible.exec(text.replaceAll(kept, ''))?.[0].codePointAt(0)
  if (hidden !== undefined) {
    const name = `U+${hidden.toString(16).toUpperCase().padStart(4, '0')}`
    return { problem: `must not contain the invisible character ${name}` }
  }
  return /[\p{L}\p{N}\p{P}\p{S}\p{Co}\p{Cn}]/u.test(text) ? { text } : { problem: 'must have a visible character' }
}

/** The stored form of a required text. Throws ValidationError. */
export function requireLine(given: string, pointer: string, max: number): string {
  const clean = cleanLine(given)
  if ('problem' in clean) throw invalid(pointer, clean.problem)
  const { length } = [...clean.text]
  if (length === 0) throw invalid(pointer, 'must have a visible character')
  if (length > max) throw invalid(pointer, `must have at most ${max} characters`)
  return clean.text
}

/**
 * The same form without refusing: invisible characters are left out, control characters and line breaks become blanks. For
 * cells of files, where nobody typed them and a refused row would lose a stay.
 */
export function repairLine(given: string): string {
  const text = collapse(given.toWellFormed())
  if (plain.test(text)) return text
  return collapse(text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ').replaceAll(kept_or_invisible, '$<kept>'))
}

/** Without accents and other marks, for comparing labels. */
export function withoutMarks(text: string): string {
  return text.normalize('NFKD').replaceAll(/\p{M}/gu, '').normalize('NFC')
}

function collapse(text: string): string {
  return text
    .normalize('NFC')
    .trim()
    .replaceAll(/[\t\p{Zs}]+/gu, ' ')
}

/** Letters and punctuation of Latin, Greek and Cyrillic, which nearly all texts consist of: nothing else has to be checked. */
const plain = /^[ -~\u00a1-\u00ac\u00ae-\u02ff\u0370-\u0482\u048a-\u052f]*$/
const control = /[\p{Cc}\p{Zl}\p{Zp}]/u

/** Scripts in which ZWNJ and ZWJ change what is seen: Persian "می‌خواهم", Hindi conjuncts (Unicode 16, chapters 9, 12 and 23.2). */
const joining =
  '[\\p{scx=Arab}\\p{scx=Syrc}\\p{scx=Nkoo}\\p{scx=Mong}\\p{scx=Deva}\\p{scx=Beng}\\p{scx=Guru}\\p{scx=Gujr}\\p{scx=Orya}' +
  '\\p{scx=Taml}\\p{scx=Telu}\\p{scx=Knda}\\p{scx=Mlym}\\p{scx=Sinh}\\p{scx=Khmr}\\p{scx=Mymr}\\p{scx=Tibt}]'
const pictograph = '\\p{Extended_Pictographic}[\\u{1f3fb}-\\u{1f3ff}\\ufe0e\\ufe0f]*'

/** Where a character that is not seen by itself is part of what is seen. */
const kept_source = [
  // Emoji: flags, keycaps, and sequences that are joined by ZWJ.
  '\\p{RGI_Emoji}',
  `${pictograph}(?:\\u200d${pictograph})*`,
  // A joiner between two letters, and behind the virama of an old Malayalam chillu.
  `(?<=${joining})[\\u200c\\u200d](?=${joining})`,
  '(?<=\\p{scx=Mlym}\\p{Mn})\\u200d',
  // Variants of ideographs, of Mongolian and Myanmar letters, and of symbols.
  '(?<=[\\p{sc=Han}\\p{sc=Mong}\\p{sc=Mymr}\\p{sc=Phag}\\p{S}])\\p{Variation_Selector}',
].join('|')
const invisible_source = '[\\p{Default_Ignorable_Code_Point}\\p{Bidi_Control}\\p{Cs}\\u2800\\ufff9-\\ufffb]'

const kept = new RegExp(kept_source, 'gv')
const invisible = new RegExp(invisible_source, 'v')
const kept_or_invisible = new RegExp(`(?<kept>${kept_source})|${invisible_source}`, 'gv')
