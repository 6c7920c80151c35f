// Reads travel together: those that come in one turn of the event loop, or while others are under way, share a connection
// and leave in one packet (ADR 0016).
import type { PoolClient } from 'pg'

/** A place on a connection, for one transaction. */
export interface Seat {
  readonly client: PoolClient
  /** `is_broken`: the connection is not to be used again, once everybody on it has left. */
  leave(is_broken: boolean): void
}

/** Whoever has the last one waits for the answers to those in front. */
export const seats_per_coach = 4

/** One that takes longer keeps the next one no more; four quick reads take a millisecond or two. */
const late_ms = 25

export interface CoachesOptions {
  /** Takes a connection from the pool, for as long as a coach is under way. */
  readonly connect: () => Promise<PoolClient>
  /** How many are under way before the next one waits, and fills. */
  readonly most: number
}

interface Coach {
  readonly client: Promise<PoolClient>
  taken: number
  left: number
  is_broken: boolean
  /** While it keeps others from leaving. */
  late: NodeJS.Timeout | undefined
}

/** Of the driver's types only Client tells of its connection, and the pool's clients are such. */
interface Connected {
  readonly connection: { readonly stream: { cork(): void; uncork(): void } }
}

/** Every exchange of a read is a transaction with a role and claims of its own: it is no matter whose read travels beside it. */
export function createCoaches({ connect, most }: CoachesOptions): { board(): Promise<Seat> } {
  let boarding: Coach | undefined
  let under_way = 0
  const waiting: (() => void)[] = []

  function close(coach: object): void {
    if (boarding === coach) boarding = undefined
  }

  /** It is back, or late: another one may leave. */
  function makeWay(coach: Pick<Coach, 'late'>): void {
    if (coach.late === undefined) return
    clearTimeout(coach.late)
    coach.late = undefined
    const next = waiting.shift()
    if (next === undefined) under_way -= 1
    else next()
  }

  async function depart(coach: Pick<Coach, 'late'>): Promise<PoolClient> {
    if (under_way < most) under_way += 1
    else await new Promise<void>((go) => waiting.push(go))
    coach.late = setTimeout(makeWay, late_ms, coach)
    try {
      const client = await connect()
      const { stream } = (client as unknown as Connected).connection
      stream.cork()
      setImmediate(() => {
        close(coach)
        stream.uncork()
      })
      return client
    } catch (error) {
      close(coach)
      makeWay(coach)
      throw error
    }
  }

  function open(): Coach {
    const coach = { taken: 0, left: 0, is_broken: false, late: undefined }
    return Object.assign(coach, { client: depart(coach) })
  }

  function leave(coach: Coach, client: PoolClient, is_broken: boolean): void {
    coach.left += 1
    coach.is_broken ||= is_broken
    if (coach.left < coach.taken) return
    close(coach)
    makeWay(coach)
    client.release(coach.is_broken)
  }

  return {
    async board() {
      boarding ??= open()
      const coach = boarding
      coach.taken += 1
      if (coach.taken === seats_per_coach) close(coach)
      const client = await coach.client
      return { client, leave: (is_broken) => leave(coach, client, is_broken) }
    },
  }
}
