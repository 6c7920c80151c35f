// Passwords: the argon2id hash we store, and its check. The rules for a new one are in password-rules.ts.

import { hash, verify } from '@node-rs/argon2'

// OWASP's argon2id parameters: 19 MiB, two passes, one lane. Algorithm 2 is argon2id.
const parameters = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 }
// Stands in for the hash of a user who does not exist: the same work, and a digest of zeros that no password is known to give.
const dummyHash = `$argon2id$v=19$m=${parameters.memoryCost},t=${parameters.timeCost},p=${parameters.parallelism}$${'A'.repeat(22)}$${'A'.repeat(43)}`

/** A hash to store (PHC string with its own salt). Refuses nothing: see passwordProblem. */
export function hashPassword(plain: string): Promise<string> {
  return inTurn(() => hash(plain.normalize('NFKC'), parameters))
}

/**
 * Whether the password is the one behind the stored hash; undefined (no such user) is false after the same work.
 * Rejects when the stored value is no argon2 hash: a broken row is not a wrong password.
 */
export async function verifyPassword(stored: string | undefined, plain: string): Promise<boolean> {
  const matches = await inTurn(() => verify(stored ?? dummyHash, plain.normalize('NFKC')))
  return matches && stored !== undefined
}

let running = 0
const waiting: (() => void)[] = []

/** At most two at once: hashing shares four threads with file access, name lookups and token signatures. */
async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running < 2) running += 1
  else await new Promise<void>((resolve) => waiting.push(resolve))
  try {
    return await work()
  } finally {
    // The slot goes straight to the next in line, so nobody can slip in between.
    const next = waiting.shift()
    if (next === undefined) running -= 1
    else next()
  }
}
