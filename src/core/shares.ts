// No agency takes all connections: each has four fifths of them at most, and the rest of its requests wait in a line of
// their own, where they stand in nobody else's way.
import { PoolExhaustedError } from './outages.ts'

export interface Shares {
  /** Resolves when the agency may take a connection; call `leave` afterwards. Throws PoolExhaustedError after a second. */
  enter(agency_id: string): Promise<void>
  leave(agency_id: string): void
  /** How many wait, of all agencies. */
  waiting(): number
}

export interface SharesOptions {
  /** Connections of this process. */
  readonly size: number
  /** How many requests of one agency may wait (200). */
  readonly line?: number
  /** How long each of them does (1000). */
  readonly patience_ms?: number
}

interface Agency {
  running: number
  /** Insertion order is the order of the line. */
  readonly line: Set<() => void>
}

/** Small pools are not shared out: a fifth of them is no connection. */
export function createShares({ size, line: longest = 200, patience_ms = 1000 }: SharesOptions): Shares {
  const most = size < 5 ? Number.POSITIVE_INFINITY : Math.floor(size * 0.8)
  const agencies = new Map<string, Agency>()

  function waitIn(line: Agency['line']): Promise<void> {
    return new Promise((resolve, reject) => {
      const go = () => {
        clearTimeout(timer)
        resolve()
      }
      const timer = setTimeout(() => {
        line.delete(go)
        reject(new PoolExhaustedError())
      }, patience_ms)
      line.add(go)
    })
  }

  return {
    async enter(agency_id) {
      const agency = agencies.get(agency_id) ?? { running: 0, line: new Set() }
      agencies.set(agency_id, agency)
      if (agency.running < most) agency.running += 1
      else if (agency.line.size >= longest) throw new PoolExhaustedError()
      else await waitIn(agency.line)
    },
    leave(agency_id) {
      const agency = agencies.get(agency_id)
      if (agency === undefined) return
      const [next] = agency.line
      if (next !== undefined) {
        agency.line.delete(next)
        next()
        return
      }
      agency.running -= 1
      if (agency.running === 0) agencies.delete(agency_id)
    },
    waiting: () => agencies.values().reduce((sum, { line }) => sum + line.size, 0),
  }
}
