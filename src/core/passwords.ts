// Passwords: the argon2id hash we store, and its check. The rules for a new one are in password-rules.ts.

import { hash, verify } from '@node-rs/argon2'
import { createLimiter } from './limiter.ts'
import { OverloadedError } from './outages.ts'

// OWASP's argon2id parameters: 19 MiB, two passes, one lane. Algorithm 2 is argon2id.
const parameters = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 }
// Stands in for the hash of a user who does not exist: the same work, and a digest of zeros that no password is known to give.
const dummyHash = `$argon2id$v=19$m=${parameters.memoryCost},t=${parameters.timeCost},p=${parameters.parallelism}$${'A'.repeat(22)}$${'A'.repeat(43)}`

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
 * A hash to store (PHC string with its own salt). Checks no rules: see passwordProblem. Throws OverloadedError when too
 * many wait.
 */
export function hashPassword(plain: string, signal?: AbortSignal): Promise<string> {
  return inQueue({ is_known: true, signal }, () => hash(plain.normalize('NFKC'), parameters))
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
