// Limits the memory of active requests and their responses, per user and in total.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { countRefusal } from '../core/counters.ts'
import type { Logger } from '../core/log.ts'
import { OverloadedError } from '../core/server-errors.ts'
import { envelope } from './error-envelope.ts'
import { networkOf } from './rate-limits.ts'

interface ResponseMemoryLimits {
  /** For one user, or for one network of anonymous requests. */
  readonly user_bytes: number
  readonly total_bytes: number
}

const responseMemoryLimits: ResponseMemoryLimits = { user_bytes: 32 * 2 ** 20, total_bytes: 96 * 2 ** 20 }

/** The objects and headers of a request and its response. */
const base_bytes = 8 * 1024
/** A stream: one page of an export as rows and as text, and the write buffer of the connection. */
const stream_bytes = 1024 * 1024
/** Streams that need less, with their bytes. */
const small_streams = new WeakMap<object, number>()

/** Reserves so many bytes for a stream, instead of those of an export. */
export function reserveBytes<T extends object>(stream: T, bytes: number): T {
  small_streams.set(stream, bytes)
  return stream
}

/** A request body without Content-Length. */
const unknown_body_bytes = 64 * 1024
/** The last quarter of the total is reserved for responses up to this size, so that large ones do not block all others. */
const small_bytes = 64 * 1024

/** The reserved memory of a user or a network. */
interface Account {
  readonly holder: string
  bytes: number
  /** The largest response so far. The account is deleted when nothing is reserved. */
  largest: number
}

/** The memory reserved for one request, until its response is sent or its connection is closed. */
interface Lease {
  readonly account: Account
  bytes: number
}

declare module 'fastify' {
  interface FastifyInstance {
    /** The reserved bytes, and the number of users and networks that hold them. */
    responseMemory(): { readonly bytes: number; readonly holders: number }
    /** Sets the reservation of the request to the size of this payload. Returns false for a read that exceeds the limit. */
    reserveMemory(request: FastifyRequest, payload: unknown): boolean
  }
  interface FastifyRequest {
    memoryLease: Lease | undefined
  }
}

/** A shared instance, because creating an error with its stack is the most expensive part of a refusal. */
const refusal = new OverloadedError({
  message: 'Unread responses use all the memory that is available for them.',
})

/**
 * Reserves memory for each request and refuses it with 503 OVERLOADED when a limit is exceeded: before the handler, and for reads
 * again when the size of the response is known. Mutations are refused only before the handler. Call it after authorize.
 */
export function installResponseMemory(app: FastifyInstance, log: Logger, limits = responseMemoryLimits): void {
  const ledger = createLedger(limits)
  const warn = createThrottledWarning(log)
  app.decorate('responseMemory', ledger.usage)
  app.decorate('reserveMemory', (request: FastifyRequest, payload: unknown) => {
    const { memoryLease: lease } = request
    return lease === undefined || ledger.resize(lease, base_bytes + sizeOf(payload), isRead(request))
  })
  app.decorateRequest('memoryLease')
  app.addHook('onRequest', (request, { raw }, done) => {
    // The client disconnected during authentication: there will be no 'close' event to end the lease.
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
    request.memoryLease = lease
    raw.on('close', () => ledger.end(lease))
    done()
  })
  app.addHook('onSend', (request, reply, payload, done) => {
    if (app.reserveMemory(request, payload)) done(null, payload)
    else {
      warn(request)
      done(null, refuse(request, reply, payload))
    }
  })
}

function createLedger({ user_bytes, total_bytes }: ResponseMemoryLimits) {
  const accounts = new Map<string, Account>()
  let in_use = 0

  function hasRoom(account: Account, more: number): boolean {
    const total = more > small_bytes ? total_bytes * 0.75 : total_bytes
    return account.bytes + more <= user_bytes && in_use + more <= total
  }

  function addBytes(lease: Lease, bytes: number): void {
    in_use += bytes
    lease.bytes += bytes
    lease.account.bytes += bytes
    if (lease.account.bytes === 0) accounts.delete(lease.account.holder)
  }

  return {
    usage: () => ({ bytes: in_use, holders: accounts.size }),
    /** Undefined if there is not enough memory. A read needs enough for the largest response of that holder so far. */
    begin(holder: string, bytes: number, is_read: boolean): Lease | undefined {
      const account = accounts.get(holder) ?? { holder, bytes: 0, largest: 0 }
      const expected = is_read ? Math.min(account.largest, user_bytes / 4) : 0
      if (!hasRoom(account, Math.max(bytes, expected))) return undefined
      accounts.set(holder, account)
      const lease = { account, bytes: 0 }
      addBytes(lease, bytes)
      return lease
    },
    /** Returns false if there is not enough memory and `can_refuse`; otherwise sets the size of the lease. */
    resize(lease: Lease, bytes: number, can_refuse: boolean): boolean {
      const more = bytes - lease.bytes
      // The lease has ended because the client has disconnected.
      if (lease.bytes === 0) return true
      if (can_refuse && more > 0 && !hasRoom(lease.account, more)) return false
      lease.account.largest = Math.max(lease.account.largest, bytes)
      addBytes(lease, more)
      return true
    },
    end: (lease: Lease) => {
      if (lease.bytes > 0) addBytes(lease, -lease.bytes)
    },
  }
}

const isRead = ({ method }: FastifyRequest) => method === 'GET' || method === 'HEAD'

const isProbe = ({ routeOptions: { url = '' } }: FastifyRequest) => url === '/health' || url.startsWith('/health/')

function holderOf({ identity, ip }: FastifyRequest): string {
  return identity?.user_id ?? networkOf(ip)
}

/** The announced size, at most the body limit of the route: larger bodies are refused and never read. */
function bodyBytes({ method, headers, routeOptions: { bodyLimit } }: FastifyRequest): number {
  if (method === 'GET') return 0
  if (headers['transfer-encoding'] !== undefined) return Math.min(unknown_body_bytes, bodyLimit)
  return Math.min(Number(headers['content-length'] ?? 0) || 0, bodyLimit)
}

/** A string has up to two bytes per character in memory, and non-ASCII text about as many again when it is encoded. */
function sizeOf(payload: unknown): number {
  if (typeof payload === 'string') return 2 * payload.length
  if (payload === null || payload === undefined) return 0
  if (Buffer.isBuffer(payload)) return payload.length
  return small_streams.get(payload as object) ?? stream_bytes
}

/** Replaces the response with the refusal and returns its body. */
function refuse(request: FastifyRequest, reply: FastifyReply, payload: unknown): string {
  const { destroy } = (payload ?? {}) as { destroy?: () => void }
  destroy?.call(payload)
  for (const name of ['etag', 'content-disposition', 'content-length']) reply.removeHeader(name)
  reply.code(refusal.status).headers(refusal.headers).type('application/json; charset=utf-8')
  return JSON.stringify(envelope(refusal, request.id))
}

/** Logs at most one line in 30 seconds, with the holder whose request exceeded the limit. */
function createThrottledWarning(log: Logger): (request: FastifyRequest) => void {
  const interval_ms = 30_000
  let next_at = 0
  return (request) => {
    countRefusal('response_memory')
    const now = performance.now()
    if (now < next_at) return
    next_at = now + interval_ms
    log.warn({ holder: holderOf(request) }, 'unread responses use all the memory that is available for them')
  }
}
