// How much memory requests under way and their answers take: limited per person and in all.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Logger } from '../core/log.ts'
import { OverloadedError } from '../core/server-errors.ts'
import { envelope } from './error-envelope.ts'
import { networkOf } from './limits.ts'

export interface AnswerLimits {
  /** Of one person, or of one address where nobody is signed in. */
  readonly person_bytes: number
  readonly total_bytes: number
}

export const answerLimits: AnswerLimits = { person_bytes: 32 * 2 ** 20, total_bytes: 96 * 2 ** 20 }

/** Objects of a request, its headers and those of its answer. */
const base_bytes = 8 * 1024
/** A stream: one page of an export as rows and as text, and what the connection has of it. */
const stream_bytes = 1024 * 1024
/** Of a body that does not say how long it is. */
const unknown_body_bytes = 64 * 1024
/** The last quarter of the total is for answers up to this size, so that large ones do not keep everybody out. */
const small_bytes = 64 * 1024

/** What a person, or an address, has under way. */
interface Account {
  readonly holder: string
  bytes: number
  /** The largest of the answers so far; an account ends when nothing is under way. */
  largest: number
}

/** What one request has reserved, from its beginning until its answer is sent or its connection is gone. */
interface Lease {
  readonly account: Account
  bytes: number
}

declare module 'fastify' {
  interface FastifyInstance {
    /** What is reserved right now, and by how many people and addresses. */
    answerMemory(): { readonly bytes: number; readonly holders: number }
  }
  interface FastifyRequest {
    answerLease: Lease | undefined
  }
}

/** One for all: to make an error, with its stack, takes longer than anything else about a refusal. */
const refusal = new OverloadedError({
  message: 'Answers that have not been read take all the memory there is for them.',
})

/**
 * Reserves memory for each request and refuses with 503 OVERLOADED over a limit: before the work, and a read again when the
 * size of its answer is known, before it is handed to the connection. A change is only refused before it is made. Call it
 * after the hook that knows the person.
 */
export function installAnswerMemory(app: FastifyInstance, log: Logger, limits = answerLimits): void {
  const ledger = createLedger(limits)
  const warn = warner(log)
  app.decorate('answerMemory', ledger.usage)
  app.decorateRequest('answerLease')
  app.addHook('onRequest', (request, { raw }, done) => {
    // The client has left while it was found out who it is: nobody would give the memory back.
    if (isProbe(request) || raw.destroyed) {
      done()
      return
    }
    const lease = ledger.begin(holderOf(request), base_bytes + bodyBytes(request), isRead(request))
    if (lease === undefined) {
      warn(request)
      done(refusal)
      return
    }
    request.answerLease = lease
    raw.on('close', () => ledger.end(lease))
    done()
  })
  app.addHook('onSend', (request, reply, payload, done) => {
    const { answerLease: lease } = request
    if (lease === undefined || ledger.resize(lease, base_bytes + sizeOf(payload), isRead(request))) done(null, payload)
    else {
      warn(request)
      done(null, refuse(request, reply, payload))
    }
  })
}

function createLedger({ person_bytes, total_bytes }: AnswerLimits) {
  const accounts = new Map<string, Account>()
  let in_use = 0

  function hasRoom(account: Account, more: number): boolean {
    const total = more > small_bytes ? total_bytes * 0.75 : total_bytes
    return account.bytes + more <= person_bytes && in_use + more <= total
  }

  function change(lease: Lease, bytes: number): void {
    in_use += bytes
    lease.bytes += bytes
    lease.account.bytes += bytes
    if (lease.account.bytes === 0) accounts.delete(lease.account.holder)
  }

  return {
    usage: () => ({ bytes: in_use, holders: accounts.size }),
    /** Undefined: no room. A read also needs room for an answer like the largest of that person. */
    begin(holder: string, bytes: number, is_read: boolean): Lease | undefined {
      const account = accounts.get(holder) ?? { holder, bytes: 0, largest: 0 }
      const expected = is_read ? Math.min(account.largest, person_bytes / 4) : 0
      if (!hasRoom(account, Math.max(bytes, expected))) return undefined
      accounts.set(holder, account)
      const lease = { account, bytes: 0 }
      change(lease, bytes)
      return lease
    },
    /** Whether the lease now has so many bytes; without `may_refuse` always. */
    resize(lease: Lease, bytes: number, may_refuse: boolean): boolean {
      const more = bytes - lease.bytes
      // It has ended: the client is gone, and so will be the answer.
      if (lease.bytes === 0) return true
      if (may_refuse && more > 0 && !hasRoom(lease.account, more)) return false
      lease.account.largest = Math.max(lease.account.largest, bytes)
      change(lease, more)
      return true
    },
    end: (lease: Lease) => {
      if (lease.bytes > 0) change(lease, -lease.bytes)
    },
  }
}

const isRead = ({ method }: FastifyRequest) => method === 'GET' || method === 'HEAD'

const isProbe = ({ routeOptions: { url = '' } }: FastifyRequest) => url === '/health' || url.startsWith('/health/')

function holderOf({ identity, ip }: FastifyRequest): string {
  return identity?.user_id ?? networkOf(ip)
}

/** What is announced, up to what the route takes: more is refused as PAYLOAD_TOO_LARGE and never read. */
function bodyBytes({ method, headers, routeOptions: { bodyLimit } }: FastifyRequest): number {
  if (method === 'GET') return 0
  if (headers['transfer-encoding'] !== undefined) return Math.min(unknown_body_bytes, bodyLimit)
  return Math.min(Number(headers['content-length'] ?? 0) || 0, bodyLimit)
}

/** A text has up to two bytes per character in memory, and about as many again on its way out when it is not ASCII. */
function sizeOf(payload: unknown): number {
  if (typeof payload === 'string') return 2 * payload.length
  if (payload === null || payload === undefined) return 0
  return Buffer.isBuffer(payload) ? payload.length : stream_bytes
}

/** Turns the reply into the refusal; returns its body. */
function refuse(request: FastifyRequest, reply: FastifyReply, payload: unknown): string {
  const { destroy } = (payload ?? {}) as { destroy?: () => void }
  destroy?.call(payload)
  for (const name of ['etag', 'cache-control', 'content-disposition', 'content-length']) reply.removeHeader(name)
  reply.code(refusal.status).headers(refusal.headers).type('application/json; charset=utf-8')
  return JSON.stringify(envelope(refusal, request.id))
}

/** At most one line in half a minute, with the person whose request met the limit. */
function warner(log: Logger): (request: FastifyRequest) => void {
  const pause_ms = 30_000
  let quiet_until = 0
  return (request) => {
    const now = performance.now()
    if (now < quiet_until) return
    quiet_until = now + pause_ms
    log.warn({ holder: holderOf(request) }, 'answers that are not read take all the memory there is for them')
  }
}
