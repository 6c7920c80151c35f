// The rules for a new password: length, not common, without the user's e-mail address or agency.
import { readFileSync } from 'node:fs'

/** Counted in NFKC form, the form in which passwords are hashed. */
const min_characters = 12
const max_characters = 256

/** The limit in request schemas, for sign-in and for new passwords. Two passwords fit into a request body below /auth. */
export const max_written_characters = max_characters

/** The user whose password is set. */
export interface PasswordOwner {
  readonly email: string
  /** Names and slugs of the user's agencies. */
  readonly agencies: readonly string[]
}

/**
 * The first rule that a new password breaks, as a sentence for the user; undefined when it is acceptable. Checks length
 * and common passwords instead of character classes, as NIST SP 800-63B recommends.
 */
export function findPasswordProblem(password: string, { email, agencies }: PasswordOwner): string | undefined {
  const { length } = [...password.normalize('NFKC')]
  if (length < min_characters) return `Use at least ${min_characters} characters.`
  if (length > max_characters) return `Use at most ${max_characters} characters.`
  if (removeRepetition(fold(password)).length < 6) return 'Use more than a few characters over and over.'
  if (commonPasswords().has(simplifyPassword(password))) {
    return 'This is one of the most used passwords, with or without digits, capitals and repetition: choose another one.'
  }
  if (containsAny(password, [email, email.split('@')[0] ?? ''])) return 'Leave your e-mail address out of the password.'
  if (containsAny(password, agencies)) return "Leave the agency's name out of the password."
  return undefined
}

/** Lower case, NFKD, without combining marks. */
function fold(text: string): string {
  return text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase()
}

/** Reduces runs of one character to one, then a periodic text to its first period. */
function removeRepetition(text: string): string {
  const runs = text.replaceAll(/(.)\1+/gsu, '$1')
  const sizes = Array.from({ length: Math.floor(runs.length / 2) }, (_, i) => i + 1)
  const period = sizes.find((size) => runs.startsWith(runs.slice(size)))
  return runs.slice(0, period)
}

/**
 * The form in which passwords are compared with the list of common ones: without digits, spaces, punctuation, case,
 * accents and repetition. A password without letters keeps its punctuation. The data file holds its entries in this form.
 */
export function simplifyPassword(password: string): string {
  const text = fold(password)
  const letters = text.replaceAll(/[\p{N}\p{P}\p{Z}\p{C}$+<=>^`|~]/gu, '')
  return removeRepetition(letters === '' ? text.replaceAll(/\d/g, '') : letters)
}

/** Ignores spaces, dots and hyphens. Names of fewer than four characters are skipped: they occur in too many words. */
function containsAny(password: string, names: readonly string[]): boolean {
  const compact = (text: string) => fold(text).replaceAll(/[^\p{L}\p{N}]/gu, '')
  const given = compact(password)
  return names.map(compact).some((name) => name.length >= 4 && given.includes(name))
}

let common: ReadonlySet<string> | undefined

/** Read when the first password is set, which takes 4 ms, so that a start does not pay for it. */
function commonPasswords(): ReadonlySet<string> {
  common ??= new Set(readCommonPasswords())
  return common
}

/** The entries of the data file, without its comment lines. */
export function readCommonPasswords(): string[] {
  const lines = readFileSync(new URL('common-passwords.txt', import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')
  return lines.filter((line) => !line.startsWith('# '))
}
