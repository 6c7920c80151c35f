// What the commands about members share: generated passwords, checks of addresses, reports.
import { randomInt } from 'node:crypto'
import { canonicalEmail } from '../core/emails.ts'
import { type CommandContext, CommandError } from './context.ts'

/** Five groups of four letters and digits, without similar-looking ones: 97 random bits. */
export function generatePassword(): string {
  const letters = 'abcdefghjkmnpqrstuvwxyz23456789'
  const group = () => Array.from({ length: 4 }, () => letters[randomInt(letters.length)]).join('')
  return Array.from({ length: 5 }, group).join('-')
}

export function requireEmail(email: string): void {
  if (canonicalEmail(email) === undefined) throw new CommandError(`${email} is not an e-mail address`)
}

export function report(context: CommandContext, json: true | undefined, facts: object, lines: readonly string[]): void {
  if (json) context.print(JSON.stringify(facts, null, 2))
  else for (const line of lines) context.print(line)
}
