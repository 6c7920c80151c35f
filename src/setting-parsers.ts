// Parsers of setting values. Each throws an Error that says what the value must be.

export const text = (value: string) => value
export const csv = (value: string) =>
  value
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)

export function oneOf<const T extends string>(...choices: T[]) {
  return (value: string): T => {
    const found = choices.find((choice) => choice === value)
    if (found === undefined) throw new Error(`must be one of ${choices.join(', ')}`)
    return found
  }
}

export function integer(min: number, max: number) {
  return (value: string): number => {
    const number = Number(value)
    if (!/^\d+$/.test(value) || number < min || number > max) throw new Error(`must be a whole number ${min}-${max}`)
    return number
  }
}

export function url(...protocols: string[]) {
  return (value: string): string => {
    if (!URL.canParse(value) || !protocols.includes(new URL(value).protocol)) {
      throw new Error(`must be a URL starting with ${protocols.join('// or ')}//`)
    }
    return value
  }
}

/** A date and time with its offset (RFC 3339). Returns it in UTC. */
export function dateTime(value: string): string {
  const [, day] = /^(\d{4}-\d{2}-\d{2})[T ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/i.exec(value) ?? []
  const is_day = day !== undefined && new Date(`${day}T00:00:00Z`).toJSON()?.startsWith(day) === true
  if (!is_day || !Date.parse(value)) throw new Error('must be a date and time with its offset: 2027-03-01T08:00:00Z')
  return new Date(value).toISOString().replace('.000Z', 'Z')
}

export function ratio(value: string): number {
  if (!/^(0(\.\d+)?|1(\.0+)?)$/.test(value)) throw new Error('must be a number 0-1')
  return Number(value)
}

export function parseToken(value: string): string {
  if (!/^[\x21-\x7e]{16,}$/.test(value)) throw new Error('must be at least 16 visible ASCII characters')
  return value
}

/** An http or https URL without query and fragment. A slash at the end is removed. */
export function webAddress(value: string): string {
  const { search, hash, username, href } = new URL(url('http:', 'https:')(value))
  if (search !== '' || hash !== '' || username !== '') throw new Error('must have no query, fragment or user name')
  return href.replace(/\/+$/, '')
}

/** The sender of e-mails: `roost@example.com` or `Roost <roost@example.com>`. */
export function sender(value: string): string {
  if (!/^(?:[^<>@\p{Cc}]* <[^<>@\s]+@[^<>@\s]+>|[^<>@\s]+@[^<>@\s]+)$/u.test(value)) {
    throw new Error('must be an address, or a name and an address: Roost <roost@example.com>')
  }
  return value
}

/** Where pictures are stored: a folder, or a bucket with its access key. */
export function mediaAddress(value: string): string {
  const { protocol, username, password, pathname } = new URL(url('file:', 's3:', 's3+http:')(value))
  if (protocol === 'file:') return value
  if (username === '' || password === '')
    throw new Error('must have an access key and its secret: s3://key:secret@host/bucket')
  if (/^\/*$/.test(pathname)) throw new Error('must have a bucket: s3://key:secret@host/bucket')
  return value
}

export function parseRateLimit(value: string): number | 'off' {
  return value === 'off' ? 'off' : integer(1, 1_000_000)(value)
}

export function parseLoopDelay(value: string): number | 'off' {
  return value === 'off' ? 'off' : integer(10, 10_000)(value)
}

export function parseTrustProxy(value: string): false | string[] {
  return value === 'off' ? false : csv(value)
}

const knownSecrets = ['super-secret-jwt-token-with-at-least-32-characters-long', '0123456789abcdef0123456789abcdef']

/** Validates a secret for HS256. Throws when it is too short or a published default. */
export function parseJwtSecret(value: string): string {
  if (Buffer.byteLength(value) < 32) throw new Error('must be at least 32 bytes long')
  if (knownSecrets.includes(value))
    throw new Error('is a published default: generate another (openssl rand -base64 48)')
  return value
}
