// What clients asked for and what they were told, in the order of the clock: the evidence that checker.ts judges.

export interface Nights {
  readonly property_id: string
  readonly check_in: string
  readonly check_out: string
}

/** How a stay stands. The first two of a booking and the first of a hold keep nights, the others keep none. */
export type Status = 'pending' | 'confirmed' | 'cancelled' | 'deleted' | 'held' | 'released' | 'booked'

export interface StayState extends Nights {
  readonly status: Status
}

/** `book` makes a booking of a hold; the booking has a `create` of its own, with the same outcome. */
export type Kind = 'create' | 'move' | 'confirm' | 'cancel' | 'delete' | 'hold' | 'release' | 'book'

/** One change that a client asked for. */
export interface Operation {
  readonly kind: Kind
  /** The stay it is about: a number that its booking or hold carries, given by the client before it exists. */
  readonly stay: number
  /** What the client wants: all of it for `create` and `hold`, the new nights for `move`. */
  readonly wanted: Partial<StayState>
  /** ok: acknowledged. fail: refused, so nothing has changed. info: no answer, or none that says; it may be either. */
  readonly outcome: 'ok' | 'fail' | 'info'
  /** How the stay stood after it, as the acknowledgement says. */
  readonly became?: StayState | undefined
  /** Milliseconds of one clock. What ends as info may still happen later: it ends never. */
  readonly began: number
  readonly ended: number
}

/** A stay as the database has it in the end. */
export interface FinalStay {
  readonly stay: number
  readonly state: StayState
}

/** What one request came to. */
export interface Outcome {
  readonly outcome: Operation['outcome']
  readonly became?: StayState | undefined
}

export interface Recorder {
  readonly history: readonly Operation[]
  /** A number no stay has yet. */
  next(): number
  /** Runs the request between two looks at the clock; returns what it came to. */
  record(asked: readonly Pick<Operation, 'kind' | 'stay' | 'wanted'>[], run: () => Promise<Outcome>): Promise<Outcome>
}

export function createRecorder(): Recorder {
  const history: Operation[] = []
  let newest = 0
  return {
    history,
    next: () => {
      newest += 1
      return newest
    },
    async record(asked, run) {
      const began = performance.now()
      const { outcome, became } = await run()
      const ended = outcome === 'info' ? Number.POSITIVE_INFINITY : performance.now()
      for (const { kind, stay, wanted } of asked) {
        const its = kind === 'book' && became !== undefined ? { ...became, status: 'booked' as const } : became
        history.push({ kind, stay, wanted, outcome, became: its, began, ended })
      }
      return { outcome, became }
    },
  }
}
