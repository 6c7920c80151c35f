// Opens streams of changes, limits their number, and ends them with the rights of their reader.

import type { Actor } from '../../core/auth/actors.ts'
import type { Identities } from '../../core/auth/memberships.ts'
import type { VerifiedToken } from '../../core/auth/tokens.ts'
import { RateLimitedError } from '../../core/errors.ts'
import type { Logger } from '../../core/log.ts'
import type { Database } from '../../core/postgres/database.ts'
import { OverloadedError } from '../../core/server-errors.ts'
import { identify } from '../../http/authenticate.ts'
import { lastChange } from './changes.ts'
import { createHub } from './hub.ts'
import { type ChangeStream, createStream, end, sendHeartbeat } from './stream.ts'

interface StreamLimits {
  /** Open streams of one person in an agency, of an agency, and of all; in this process. */
  readonly person: number
  readonly agency: number
  readonly total: number
  readonly heartbeat_ms: number
}

const default_limits: StreamLimits = { person: 5, agency: 100, total: 1000, heartbeat_ms: 15_000 }

const check_ms = 500
const retry_after = { 'retry-after': '30' }

interface StreamRequest {
  readonly actor: Actor
  readonly token: VerifiedToken
  /** Changes after this one; undefined: from now on. */
  readonly after: number | undefined
}

export interface ChangeStreams {
  /** Throws RateLimitedError or OverloadedError when there are too many streams. */
  open(request: StreamRequest): Promise<ChangeStream>
  /** Ends all streams, and every one that is opened later. */
  close(): void
  count(): number
}

interface Open {
  readonly request: StreamRequest
  readonly stream: ChangeStream
  next_heartbeat: number
}

interface Deps {
  readonly db: Database
  readonly identities: Identities
  readonly log: Logger
}

export function createChangeStreams({ db, identities, log }: Deps, limits = default_limits): ChangeStreams {
  const hub = createHub(db, log)
  const open_streams = new Set<Open>()
  const counts = createCounts(limits)
  let timer: NodeJS.Timeout | undefined
  let is_closing = false

  function checkAll(): void {
    const now = performance.now()
    for (const one of open_streams) {
      if (Date.now() >= one.request.token.expires_at * 1000) end(one.stream, 'the token has expired')
      else void endIfRevoked(identities, one)
      if (now < one.next_heartbeat) continue
      one.next_heartbeat = now + limits.heartbeat_ms
      sendHeartbeat(one.stream)
    }
  }

  function start(request: StreamRequest, last: number): ChangeStream {
    const stream = createStream(request.actor, request.after ?? last)
    const one = { request, stream, next_heartbeat: performance.now() + limits.heartbeat_ms }
    open_streams.add(one)
    stream.body.once('close', () => {
      open_streams.delete(one)
      counts.release(request.actor)
      if (open_streams.size > 0) return
      clearInterval(timer)
      timer = undefined
    })
    timer ??= setInterval(checkAll, check_ms).unref()
    hub.add(stream, last)
    if (is_closing) end(stream, 'the service is stopping')
    return stream
  }

  return {
    async open(request) {
      counts.take(request.actor)
      try {
        return start(request, await db.tenantRead(request.actor, lastChange))
      } catch (error) {
        counts.release(request.actor)
        throw error
      }
    },
    close() {
      is_closing = true
      hub.close()
      for (const { stream } of open_streams) end(stream, 'the service is stopping')
    },
    count: () => open_streams.size,
  }
}

/** Ends the stream when the session or the membership has ended, or the role has changed. */
async function endIfRevoked(identities: Identities, { request: { actor, token }, stream }: Open): Promise<void> {
  try {
    const { memberships } = await identify(identities, token)
    const is_same = ({ agency_id, role }: { agency_id: string; role: string }) =>
      agency_id === actor.agency_id && role === actor.role
    if (!memberships.some(is_same)) end(stream, 'the membership has changed')
  } catch (error) {
    // Without the database nothing is known, and nothing is sent.
    if ((error as { status?: number }).status === 401) end(stream, 'the session has ended')
  }
}

function createCounts({ person, agency, total }: StreamLimits) {
  const counts = new Map<string, number>()
  const keysOf = ({ agency_id, id }: Actor) => ['', agency_id, `${agency_id} ${id}`]
  const countOf = (key: string | undefined) => counts.get(key ?? '') ?? 0
  return {
    take(actor: Actor): void {
      const [all, of_agency, of_person] = keysOf(actor)
      if (countOf(all) >= total)
        throw new OverloadedError({ message: 'Too many streams are open.', headers: retry_after })
      if (countOf(of_person) >= person)
        throw tooMany(`You have ${person} open streams in this agency: close one of them.`)
      if (countOf(of_agency) >= agency) throw tooMany(`The agency has ${agency} open streams.`)
      for (const key of keysOf(actor)) counts.set(key, countOf(key) + 1)
    },
    release(actor: Actor): void {
      for (const key of keysOf(actor)) {
        if (countOf(key) > 1) counts.set(key, countOf(key) - 1)
        else counts.delete(key)
      }
    },
  }
}

const tooMany = (message: string) => new RateLimitedError({ message, headers: retry_after })
