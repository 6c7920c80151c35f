// The rules for a new password: length, no common one, nothing of the person's e-mail address or agency.
import { readFileSync } from 'node:fs'

/** Counted in Unicode's NFKC form, in which passwords are stored. */
const min_characters = 12
const max_characters = 256

/** For schemas: signing in and setting take the same. Two of them fit into a body below /auth. */
export const max_written_characters = max_characters

/** Whose password it will be. */
export interface PasswordOwner {
  readonly email: string
  /** Names and slugs of the agencies the person works for. */
  readonly agencies: readonly string[]
}

/**
 * What is wrong with a new password, as a sentence; undefined if it will do. Length and rarity, not symbols, as NIST SP
 * 800-63B advises.
 */
export function passwordProblem(password: string, { email, agencies }: PasswordOwner): string | undefined {
  const { length } = [...password.normalize('NFKC')]
  if (length < min_characters) return `Use at least ${min_characters} characters.`
  if (length > max_characters) return `Use at most ${max_characters} characters.`
  if (withoutRepetition(folded(password)).length < 6) return 'Use more than a few characters over and over.'
  if (commonWords().has(reduced(password))) {
    return 'This is one of the most used passwords, with or without digits, capitals and repetition: choose another one.'
  }
  if (holdsOneOf(password, [email, email.split('@')[0] ?? ''])) return 'Leave your e-mail address out of the password.'
  if (holdsOneOf(password, agencies)) return "Leave the agency's name out of the password."
  return undefined
}

/** Lower case, without accents, and in the plain form of full-width and other variants. */
function folded(text: string): string {
  return text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase()
}

/** Runs of one character become one, and a text that is the same part again and again becomes that part. */
function withoutRepetition(text: string): string {
  const runs = text.replaceAll(/(.)\1+/gsu, '$1')
  const sizes = Array.from({ length: Math.floor(runs.length / 2) }, (_, i) => i + 1)
  const period = sizes.find((size) => runs.startsWith(runs.slice(size)))
  return runs.slice(0, period)
}

/**
 * What is compared with the common passwords: no digits, spaces and punctuation, no case, accents and repetition. Of
 * punctuation alone what is left without digits. The data file holds its entries in this form; a test makes sure.
 */
export function reduced(password: string): string {
  const text = folded(password)
  const letters = text.replaceAll(/[\p{N}\p{P}\p{Z}\p{C}$+<=>^`|~]/gu, '')
  return withoutRepetition(letters === '' ? text.replaceAll(/\d/g, '') : letters)
}

/** Spaces, dots and hyphens make no difference. What is shorter than four characters is in too many words. */
function holdsOneOf(password: string, names: readonly string[]): boolean {
  const compact = (text: string) => folded(text).replaceAll(/[^\p{L}\p{N}]/gu, '')
  const given = compact(password)
  return names.map(compact).some((name) => name.length >= 4 && given.includes(name))
}

let words: ReadonlySet<string> | undefined

/** Read when the first password is set: 4 ms, and nothing at start. */
function commonWords(): ReadonlySet<string> {
  words ??= new Set(readCommonWords())
  return words
}

/** The entries of the data file, without its head. */
export function readCommonWords(): string[] {
  const lines = readFileSync(new URL('common-passwords.txt', import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')
  return lines.filter((line) => !line.startsWith('# '))
}
