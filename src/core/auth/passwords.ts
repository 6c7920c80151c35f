// Passwords: the argon2id hash we store, and its check. The rules for a new one are in password-rules.ts.

import { timingSafeEqual } from 'node:crypto'
import { hash, verify } from '@node-rs/argon2'
import { createLimiter } from '../limiter.ts'
import { OverloadedError } from '../server-errors.ts'

// OWASP's argon2id parameters: 19 MiB, two passes, one lane. Algorithm 2 is argon2id.
const parameters = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 }
// Stands in for the hash of a user who does not exist: the same work, and a digest of zeros that no password is known to give.
const dummyHash = `$argon2id$v=19$m=${parameters.memoryCost},t=${parameters.timeCost},p=${parameters.parallelism}$${'A'.repeat(22)}$${'A'.repeat(43)}`

/** Parameters and salt of a hash of ours. */
const phc = /^(\$argon2id\$v=19\$[^$]*\$)([A-Za-z0-9+/]+)\$[A-Za-z0-9+/]+$/
const ownHead = phc.exec(dummyHash)?.[1]

/**
 * At most two at once: hashing shares four threads with file access, name lookups and token signatures. Strangers may
 * send more passwords than can be hashed, so their queue is short, and people who are known go ahead of it.
 */
const hashing = createLimiter({ concurrency: 2, maxWaiting: 40, maxWait_ms: 2000, refuse: () => new OverloadedError() })

/** On whose behalf a password is hashed. */
export interface HashingFor {
  /** They signed in from this network before, or have proven who they are in another way: they go first. */
  readonly is_known: boolean
  readonly signal?: AbortSignal | undefined
}

function inQueue<T>({ is_known, signal }: HashingFor, work: () => Promise<T>): Promise<T> {
  return hashing.run('password', { signal, priority: is_known ? 0 : 1 }, work)
}

/**
 * A hash to store (PHC string). Checks no rules: see passwordProblem. `like` is the hash of another account with the same
 * e-mail address, if there is one: it shares its salt, so that matchPasswords checks both by one computation. Throws
 * OverloadedError when too many wait.
 */
export function hashPassword(plain: string, like?: string, by: HashingFor = { is_known: true }): Promise<string> {
  const [, head, salt] = like === undefined ? [] : (phc.exec(like) ?? [])
  const shared = head === ownHead && salt !== undefined ? { salt: Buffer.from(salt, 'base64') } : {}
  return inQueue(by, () => hash(plain.normalize('NFKC'), { ...parameters, ...shared }))
}

/**
 * Whether the password is the one behind the stored hash; undefined (no such user) is false after the same work.
 * Rejects when the stored value is no argon2 hash: a broken row is not a wrong password. Throws OverloadedError when too
 * many wait.
 */
export async function verifyPassword(
  stored: string | undefined,
  plain: string,
  by: HashingFor = { is_known: false },
): Promise<boolean> {
  const matches = await inQueue(by, () => verify(stored ?? dummyHash, plain.normalize('NFKC')))
  return matches && stored !== undefined
}

/**
 * Those of the accounts of one e-mail address whose password this is. The work is that of one check, also when there is no
 * account: hashPassword gives all of them the same salt. So the time does not tell how many there are.
 * Rejects when a stored value is no argon2 hash. Throws OverloadedError when too many wait.
 */
export async function matchPasswords<T extends { readonly password_hash: string | null }>(
  accounts: readonly T[],
  plain: string,
  by: HashingFor = { is_known: false },
): Promise<T[]> {
  const bySalt = new Map<string, string[]>()
  for (const { password_hash } of accounts) {
    if (password_hash === null) continue
    const head = password_hash.slice(0, password_hash.lastIndexOf('$'))
    bySalt.set(head, [...(bySalt.get(head) ?? []), password_hash])
  }
  if (bySalt.size === 0) await verifyPassword(undefined, plain, by)
  const right: string[] = []
  for (const hashes of bySalt.values()) right.push(...(await matching(hashes, plain, by)))
  return accounts.filter(({ password_hash }) => password_hash !== null && right.includes(password_hash))
}

/** Those of some hashes with one salt that are of this password. */
async function matching(hashes: readonly string[], plain: string, by: HashingFor): Promise<string[]> {
  const [first = ''] = hashes
  if (hashes.length > 1 && phc.exec(first)?.[1] === ownHead) {
    const made = Buffer.from(await hashPassword(plain, first, by))
    return hashes.filter((stored) => stored.length === made.length && timingSafeEqual(Buffer.from(stored), made))
  }
  const right: string[] = []
  for (const stored of hashes) if (await verifyPassword(stored, plain, by)) right.push(stored)
  return right
}
