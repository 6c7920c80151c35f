// What every error has: code, status, public message, private cause. The codes themselves are in errors.ts.

/** Everything a client may be told about one code. */
export interface ErrorEntry {
  readonly code: string
  readonly status: number
  readonly message: string
  /** When it happens, as a sentence for docs/errors.md. */
  readonly when: string
  /** What the client should do about it. */
  readonly advice: string
  /** Whether sending the very same request again can succeed. */
  readonly retryable: boolean
}

/** One finding about the input: a JSON pointer, a code, a sentence. */
export interface ErrorDetail {
  readonly pointer: string
  readonly code: string
  readonly message: string
}

export interface AppErrorOptions {
  /** Replaces the public message of the catalogue; never holds SQL, paths or another agency's data. */
  readonly message?: string
  readonly details?: readonly ErrorDetail[]
  /** JSON primitives only: an error must always serialise. */
  readonly meta?: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, string>>
  /** Goes to the log, never to the client. */
  readonly cause?: unknown
}

/** Any failure the client is told about; everything else thrown is INTERNAL_ERROR. */
export class AppError extends Error {
  readonly entry: ErrorEntry
  /** Its own property and writable: Fastify assigns to it. */
  code: string
  readonly details: readonly ErrorDetail[] | undefined
  readonly meta: Readonly<Record<string, unknown>> | undefined
  readonly headers: Readonly<Record<string, string>>

  constructor(entry: ErrorEntry, options: AppErrorOptions = {}) {
    super(options.message ?? entry.message, { cause: options.cause })
    this.name = entry.code
    this.entry = entry
    this.code = entry.code
    this.details = options.details
    this.meta = options.meta
    this.headers = { ...(entry.retryable && entry.status !== 429 && { 'retry-after': '1' }), ...options.headers }
  }

  get status(): number {
    return this.entry.status
  }
}

/** Every documented code, as the modules of the taxonomy define them. */
export const errorCatalogue: ErrorEntry[] = []

/** A class for one code, entered into the catalogue. */
export function define(code: string, status: number, message: string, when: string, advice: string) {
  const retryable = status === 503 || status === 429 || code === 'IDEMPOTENCY_IN_PROGRESS'
  const entry: ErrorEntry = { code, status, message, when, advice, retryable }
  errorCatalogue.push(entry)
  return class extends AppError {
    static readonly entry = entry
    constructor(options?: AppErrorOptions) {
      super(entry, options)
    }
  }
}
