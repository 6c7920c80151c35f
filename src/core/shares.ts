// No agency takes all connections: each has four fifths of them at most, and the rest of its requests wait in a line of
// their own, where they stand in nobody else's way.
import { PoolExhaustedError } from './outages.ts'

export interface Shares {
  /** Resolves when the agency may take so much of a connection; call `leave` afterwards. Throws PoolExhaustedError after a second. */
  enter(agency_id: string, part: number): Promise<void>
  leave(agency_id: string, part: number): void
  /** How many wait, of all agencies. */
  waiting(): number
}

export interface SharesOptions {
  /** Connections of this process. */
  readonly size: number
  /** Whether another request of an agency does not join so many of the same that wait. */
  readonly isTooLong: (waiting: number) => boolean
  /** How long each of them waits (1000). */
  readonly patience_ms?: number
}

interface Waiting {
  readonly part: number
  readonly go: () => void
}

interface Agency {
  /** Connections, in parts of them. */
  taken: number
  /** Insertion order is the order of the line. */
  readonly line: Set<Waiting>
}

/** Small pools are not shared out: a fifth of them is no connection. */
export function createShares({ size, isTooLong, patience_ms = 1000 }: SharesOptions): Shares {
  const most = size < 5 ? Number.POSITIVE_INFINITY : Math.floor(size * 0.8)
  const agencies = new Map<string, Agency>()

  /** The first of the line go on, as many as there is room for. */
  function admit(agency: Agency): void {
    for (const waiting of agency.line) {
      if (agency.taken + waiting.part > most) break
      agency.line.delete(waiting)
      agency.taken += waiting.part
      waiting.go()
    }
  }

  function waitIn(agency: Agency, part: number): Promise<void> {
    const { line } = agency
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        part,
        go() {
          clearTimeout(timer)
          resolve()
        },
      }
      const timer = setTimeout(() => {
        line.delete(waiting)
        reject(new PoolExhaustedError())
        admit(agency)
      }, patience_ms)
      line.add(waiting)
    })
  }

  return {
    async enter(agency_id, part) {
      const agency = agencies.get(agency_id) ?? { taken: 0, line: new Set() }
      agencies.set(agency_id, agency)
      // Whoever fits still stands behind those who came earlier.
      if (agency.line.size === 0 && agency.taken + part <= most) agency.taken += part
      else if (isTooLong(agency.line.size)) throw new PoolExhaustedError()
      else await waitIn(agency, part)
    },
    leave(agency_id, part) {
      const agency = agencies.get(agency_id)
      if (agency === undefined) return
      agency.taken -= part
      admit(agency)
      if (agency.taken === 0) agencies.delete(agency_id)
    },
    waiting: () => agencies.values().reduce((sum, { line }) => sum + line.size, 0),
  }
}
