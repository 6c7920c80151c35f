// E-mail addresses: one stored form for all spellings of an address.
import { domainToASCII, domainToUnicode } from 'node:url'
import { cleanLine } from './text.ts'

/** The longest address (RFC 5321), also in its ASCII form. */
const max_length = 254

/**
 * The stored form: NFC, lower case, the domain in Unicode. "info@müller.example", "INFO@xn--mller-kva.example" and the NFD
 * spelling are one address. Undefined for a text that is not an address, or that contains characters that are not seen.
 */
export function canonicalEmail(given: string): string | undefined {
  if (given.length > 2 * max_length) return undefined
  const clean = cleanLine(given)
  if (!('text' in clean)) return undefined
  const [, local, domain] = /^([^@]+)@([^@]+)$/.exec(clean.text) ?? []
  if (local === undefined || domain === undefined || !isLocalPart(local)) return undefined
  const ascii = asciiDomain(domain)
  if (ascii === undefined || `${local}@${ascii}`.length > max_length) return undefined
  const email = `${local}@${domainToUnicode(ascii) || ascii}`.toLowerCase().normalize('NFC')
  return email.length > max_length ? undefined : email
}

/** RFC 5321 and RFC 6531 without the quoted form: letters of any script, digits and these signs; dots only between them. */
function isLocalPart(local: string): boolean {
  return /^[\p{L}\p{M}\p{N}\p{So}!#$%&'*+/=?^_`{|}~-]+(\.[\p{L}\p{M}\p{N}\p{So}!#$%&'*+/=?^_`{|}~-]+)*$/u.test(local)
}

/** In the form of DNS, by UTS 46. Undefined unless it is a domain of at least two labels. */
function asciiDomain(domain: string): string | undefined {
  // domainToASCII reads its argument as the host of a URL, which can be an address in brackets or percent-encoded.
  if (!/^[\p{L}\p{M}\p{N}\p{So}.\u3002-]+$/u.test(domain)) return undefined
  const ascii = domainToASCII(domain)
  const labels = ascii.split('.')
  const is_domain = labels.length > 1 && labels.every((label) => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(label))
  // A last label of digits would be an IP address.
  return is_domain && !/^\d+$/.test(labels.at(-1) ?? '') ? ascii : undefined
}
