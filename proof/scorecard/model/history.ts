// The history of operations and their answers, which checker.ts checks.

export interface Nights {
  readonly property_id: string
  readonly check_in: string
  readonly check_out: string
}

/** pending, confirmed and held stays occupy nights; the others do not. */
export type Status = 'pending' | 'confirmed' | 'cancelled' | 'deleted' | 'held' | 'released' | 'booked'

export interface StayState extends Nights {
  readonly status: Status
}

/** `book` turns a hold into a booking; a `create` with the same outcome is recorded for the booking. */
export type Kind = 'create' | 'move' | 'confirm' | 'cancel' | 'delete' | 'hold' | 'release' | 'book'

/** One operation requested by a client. */
export interface Operation {
  readonly kind: Kind
  /** The number of the stay, which its client assigns before the booking or hold exists. */
  readonly stay: number
  /** The requested state: complete for `create` and `hold`, the new nights for `move`. */
  readonly wanted: Partial<StayState>
  /** ok: acknowledged. fail: rejected without effect. info: unknown whether it took effect. */
  readonly outcome: 'ok' | 'fail' | 'info'
  /** The state of the stay according to the acknowledgement. */
  readonly became?: StayState | undefined
  /** Milliseconds of one monotonic clock. An `info` operation may take effect later: `ended` is Infinity. */
  readonly began: number
  readonly ended: number
}

/** A stay in the database after the run. */
export interface FinalStay {
  readonly stay: number
  readonly state: StayState
}

/** The outcome of one request. */
export interface Outcome {
  readonly outcome: Operation['outcome']
  readonly became?: StayState | undefined
}

export interface Recorder {
  readonly history: readonly Operation[]
  /** A new stay number. */
  next(): number
  /** Runs the request and records its operations with start and end times. */
  record(
    operations: readonly Pick<Operation, 'kind' | 'stay' | 'wanted'>[],
    run: () => Promise<Outcome>,
  ): Promise<Outcome>
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
    async record(operations, run) {
      const began = performance.now()
      const { outcome, became } = await run()
      const ended = outcome === 'info' ? Number.POSITIVE_INFINITY : performance.now()
      for (const { kind, stay, wanted } of operations) {
        const state = kind === 'book' && became !== undefined ? { ...became, status: 'booked' as const } : became
        history.push({ kind, stay, wanted, outcome, became: state, began, ended })
      }
      return { outcome, became }
    },
  }
}
