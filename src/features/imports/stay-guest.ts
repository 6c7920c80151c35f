// The guest of a row of a file of stays: name, contact and country in one or several columns.
import { findCountry } from '../../core/countries.ts'
import { canonicalEmail } from '../../core/emails.ts'
import { canonicalPhone } from '../../core/phones.ts'
import type { NewGuest } from '../guests/schema.ts'
import type { Row } from './csv/columns.ts'
import type { StayKey } from './formats/stay-format.ts'

/**
 * undefined without a name. A contact that is neither a phone number nor an e-mail address is left out with a warning, and so is an
 * unknown country.
 */
export function readGuest(row: Row<StayKey>, warn: (key: StayKey, reason: string) => void): NewGuest | undefined {
  const name = readName(row)
  if (name === undefined) return undefined
  const cut = (text: string, key: StayKey) => {
    if ([...text].length <= 100) return text
    warn(key, 'is longer than 100 characters: cut')
    return [...text].slice(0, 100).join('')
  }
  const key = row.text('guest') === '' ? 'last_name' : 'guest'
  const guest = { first_name: cut(name.first_name, key), last_name: cut(name.last_name, key) }
  return { ...guest, ...readContact(row, warn), ...readCountry(row, warn) }
}

function readCountry(row: Row<StayKey>, warn: (key: StayKey, reason: string) => void): Pick<NewGuest, 'country'> {
  const text = row.text('country')
  if (text === '') return {}
  const country = findCountry(text)
  if (country !== undefined) return { country }
  warn('country', 'is not a country: left out')
  return {}
}

interface Name {
  readonly first_name: string
  readonly last_name: string
}

function readName(row: Row<StayKey>): Name | undefined {
  const [first, last] = [row.text('first_name'), row.text('last_name')]
  if (last !== '') return { first_name: first || '-', last_name: last }
  return toName(row.text('guest') || first || row.text('booker'))
}

/** "Ada Lovelace", "Lovelace, Ada"; of several names, separated by commas, the first. */
export function toName(text: string): Name | undefined {
  const [front = '', behind = ''] = text.split(/[,;]/).map((part) => part.trim())
  if (front !== '' && behind !== '' && !front.includes(' ')) return { first_name: behind, last_name: front }
  const words = (front || behind).split(/\s+/).filter(Boolean)
  const last_name = words.pop()
  return last_name === undefined ? undefined : { first_name: words.join(' ') || '-', last_name }
}

function readContact(
  row: Row<StayKey>,
  warn: (key: StayKey, reason: string) => void,
): Pick<NewGuest, 'email' | 'phone'> {
  const contact: { email?: string; phone?: string } = {}
  for (const key of ['email', 'phone', 'contact'] as const) {
    const text = row.text(key)
    if (text === '') continue
    const email = key === 'phone' ? undefined : canonicalEmail(text)
    const phone = key === 'email' ? undefined : canonicalPhone(text)
    if (email !== undefined) contact.email ??= email
    else if (phone !== undefined) contact.phone ??= phone
    else warn(key, 'is neither a phone number nor an e-mail address: left out')
  }
  return contact
}
