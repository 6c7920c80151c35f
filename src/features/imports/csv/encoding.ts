// Tells UTF-8 from Windows-1252, in which Excel saves "CSV" on Western systems.
import { isAscii, isUtf8 } from 'node:buffer'
import { readLines, type Separator } from './lines.ts'

export type Encoding = 'utf-8' | 'windows-1252'

/**
 * Windows-1252 when the file is not UTF-8, no line has characters in UTF-8, and every word could be one of a Western language.
 * Otherwise UTF-8: rows that are not valid are refused, and the file has to be saved again. Reads the whole file.
 */
export async function detectEncoding(path: string, start: number, separator: Separator): Promise<Encoding> {
  const decoder = new TextDecoder('windows-1252')
  let has_invalid = false
  for await (const { bytes } of readLines(path, start, separator)) {
    if (isAscii(bytes)) continue
    if (isUtf8(bytes) || !isWestern(decoder.decode(bytes))) return 'utf-8'
    has_invalid = true
  }
  return has_invalid ? 'windows-1252' : 'utf-8'
}

/** Signs of Windows-1252 that occur in texts. Others show that the file has another code page. */
const signs = /[\u00a0€‚„…‘’“”•–—™¡£¥§©ª«®°´·º»¿]/gu
/** The letters beyond ASCII of each language. Those of Windows-1250, 1251, 1253 or MacRoman decode to a mixture of them. */
const letters_by_language = [
  'äöüß', // German
  'àâæçéèêëîïôœùûü', // French
  'áéíóúüñ', // Spanish
  'àèéìíîòóù', // Italian
  'áéíóúàèëïöüçê', // Dutch, Catalan
  'áâãàçéêíóôõúü', // Portuguese
  'åäöæøéü', // Danish, Norwegian, Swedish
].map((letters) => new Set(letters))

function isWestern(text: string): boolean {
  // MacRoman has letters where Windows-1252 has a dash or a section sign.
  if (/[A-Za-z][–—”§][a-z]/u.test(text)) return false
  const beyond = (word: string) => [...word.toLowerCase()].filter((letter) => letter > '\x7f')
  return text
    .replaceAll(signs, ' ')
    .split(/[\0-@[-`{-\x7f]+/)
    .every((word) => letters_by_language.some((letters) => beyond(word).every((letter) => letters.has(letter))))
}
