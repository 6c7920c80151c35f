// Hashes and verifies passwords with argon2id. The rules for a new one are in password-rules.ts.
import { timingSafeEqual } from 'node:crypto'
import { hash, verify } from '@node-rs/argon2'
import { countRefusal } from '../counters.ts'
import { createLimiter } from '../limiter.ts'
import { OverloadedError } from '../server-errors.ts'

// OWASP's argon2id parameters: 19 MiB, two passes, one lane. Algorithm 2 is argon2id.
const parameters = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 }
// Verified instead of the hash of a user who does not exist: the same work. No password is known to give a digest of zeros.
const dummyHash = `$argon2id$v=19$m=${parameters.memoryCost},t=${parameters.timeCost},p=${parameters.parallelism}$${'A'.repeat(22)}$${'A'.repeat(43)}`

/** Groups: the parameters, the salt. */
const phc = /^(\$argon2id\$v=19\$[^$]*\$)([A-Za-z0-9+/]+)\$[A-Za-z0-9+/]+$/
const ownParameters = phc.exec(dummyHash)?.[1]

const refuse = () => {
  countRefusal('password_queue')
  return new OverloadedError()
}

/**
 * Two hashes run at once: hashing shares the four threads of the libuv pool with file access, DNS and token signatures.
 * Unknown clients can send more passwords than the server can hash, so the queue is short and known users have priority.
 */
const hashing = createLimiter({ concurrency: 2, maxWaiting: 40, maxWait_ms: 2000, refuse })

export interface HashingOptions {
  /** The user has signed in from this network before, or is authenticated in another way. Known users are served first. */
  readonly is_known: boolean
  readonly signal?: AbortSignal | undefined
}

function runHashing<T>({ is_known, signal }: HashingOptions, work: () => Promise<T>): Promise<T> {
  return hashing.run('password', { signal, priority: is_known ? 0 : 1 }, work)
}

/**
 * Returns the hash to store (PHC string). Does not check the password rules: see findPasswordProblem. `like` is the hash of
 * another account with the same e-mail address. The new hash then uses its salt, so that matchPasswords checks both with
 * one computation. Throws OverloadedError when the queue is full.
 */
export function hashPassword(
  plain: string,
  like?: string,
  options: HashingOptions = { is_known: true },
): Promise<string> {
  const [, head, salt] = like === undefined ? [] : (phc.exec(like) ?? [])
  const shared = head === ownParameters && salt !== undefined ? { salt: Buffer.from(salt, 'base64') } : {}
  return runHashing(options, () => hash(plain.normalize('NFKC'), { ...parameters, ...shared }))
}

/**
 * Whether the password matches the stored hash. For `undefined` (no such user) the result is false after the same work.
 * Rejects when the stored value is not an argon2 hash. Throws OverloadedError when the queue is full.
 */
export async function verifyPassword(
  stored: string | undefined,
  plain: string,
  options: HashingOptions = { is_known: false },
): Promise<boolean> {
  const matches = await runHashing(options, () => verify(stored ?? dummyHash, plain.normalize('NFKC')))
  return matches && stored !== undefined
}

/**
 * The accounts of one e-mail address that have this password. hashPassword gives all of them the same salt, so the work is
 * one computation for any number of accounts, also for none, and the response time does not reveal the number.
 * Rejects when a stored value is not an argon2 hash. Throws OverloadedError when the queue is full.
 */
export async function matchPasswords<T extends { readonly password_hash: string | null }>(
  accounts: readonly T[],
  plain: string,
  options: HashingOptions = { is_known: false },
): Promise<T[]> {
  const bySalt = new Map<string, string[]>()
  for (const { password_hash } of accounts) {
    if (password_hash === null) continue
    const head = password_hash.slice(0, password_hash.lastIndexOf('$'))
    bySalt.set(head, [...(bySalt.get(head) ?? []), password_hash])
  }
  if (bySalt.size === 0) await verifyPassword(undefined, plain, options)
  const matching: string[] = []
  for (const hashes of bySalt.values()) matching.push(...(await matchHashes(hashes, plain, options)))
  return accounts.filter(({ password_hash }) => password_hash !== null && matching.includes(password_hash))
}

/** The hashes, all with the same salt, that match the password. */
async function matchHashes(hashes: readonly string[], plain: string, options: HashingOptions): Promise<string[]> {
  const [first = ''] = hashes
  if (hashes.length > 1 && phc.exec(first)?.[1] === ownParameters) {
    const computed = Buffer.from(await hashPassword(plain, first, options))
    return hashes.filter(
      (stored) => stored.length === computed.length && timingSafeEqual(Buffer.from(stored), computed),
    )
  }
  const matching: string[] = []
  for (const stored of hashes) if (await verifyPassword(stored, plain, options)) matching.push(stored)
  return matching
}
