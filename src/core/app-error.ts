// The base class of all errors that clients see: code, status, public message, private cause.

/** The public description of one error code. */
export interface ErrorEntry {
  readonly code: string
  readonly status: number
  readonly message: string
  /** When it happens; a sentence for docs/errors.md. */
  readonly when: string
  /** What the client should do about it. */
  readonly advice: string
  /** Whether the same request can succeed later. */
  readonly retryable: boolean
}

/** One validation error: a JSON pointer, a code, a message. */
export interface ErrorDetail {
  readonly pointer: string
  readonly code: string
  readonly message: string
}

export interface AppErrorOptions {
  /** Replaces the message of the catalogue. Must not contain SQL, file paths or data of another agency. */
  readonly message?: string
  readonly details?: readonly ErrorDetail[]
  /** Only values that JSON.stringify can serialise. */
  readonly meta?: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, string>>
  /** Logged, never sent to the client. */
  readonly cause?: unknown
}

/** An error with a public code. Any other error is sent as INTERNAL_ERROR. */
export class AppError extends Error {
  readonly entry: ErrorEntry
  /** A writable own property, because Fastify assigns to it. */
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

/** All defined error codes, for docs/errors.md and the OpenAPI document. */
export const errorCatalogue: ErrorEntry[] = []

/** Creates the class of an error code and adds the code to the catalogue. */
export function defineError(code: string, status: number, message: string, when: string, advice: string) {
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
