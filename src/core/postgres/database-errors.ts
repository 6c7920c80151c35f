// Maps errors of pg and PostgreSQL to AppErrors, by SQLSTATE and constraint name.
import { AppError, type AppErrorOptions } from '../app-error.ts'
import {
  ConflictError,
  ForbiddenError,
  IdempotencyInProgressError,
  TokenInvalidError,
  ValidationError,
} from '../errors.ts'
import {
  DatabaseUnavailableError,
  LockTimeoutError,
  QueryTimeoutError,
  SchemaDriftError,
  TxContentionError,
} from '../server-errors.ts'

interface DriverError extends Error {
  readonly code?: string
  readonly constraint?: string
  readonly severity?: string
}

type ErrorClass = new (options?: AppErrorOptions) => AppError

/** The default for each SQLSTATE. Features map their own constraints with onConstraint. */
const by_sqlstate: Readonly<Record<string, ErrorClass>> = {
  '23502': ValidationError,
  '23503': ValidationError,
  '23505': ConflictError,
  '23514': ValidationError,
  '23P01': ValidationError,
  '40001': TxContentionError,
  '40P01': TxContentionError,
  '55P03': LockTimeoutError,
  '57014': QueryTimeoutError,
  '25P03': DatabaseUnavailableError,
  '25006': DatabaseUnavailableError,
  '28000': DatabaseUnavailableError,
  '28P01': DatabaseUnavailableError,
  '3D000': DatabaseUnavailableError,
  '42501': ForbiddenError,
  '42P01': SchemaDriftError,
  '42703': SchemaDriftError,
  '42883': SchemaDriftError,
  '3F000': SchemaDriftError,
}

/** Raised by app.require_actor (the token or the membership has ended) and app.claim_key (another transaction holds the key). */
const by_roost_sqlstate: Readonly<Record<string, ErrorClass>> = {
  RT401: TokenInvalidError,
  RT403: ForbiddenError,
  RT409: IdempotencyInProgressError,
}

const by_sqlstate_class: Readonly<Record<string, ErrorClass>> = {
  '08': DatabaseUnavailableError,
  '53': DatabaseUnavailableError,
  '57': DatabaseUnavailableError,
  '58': DatabaseUnavailableError,
  '22': ValidationError,
}

/** Beginnings of the messages of pg's errors without a code. A test compares them with the installed version. */
export const driver_messages = [
  'Connection terminated',
  'timeout exceeded when trying to connect',
  'timeout expired',
  'Query read timeout',
  'Client has encountered a connection error and is not queryable',
  'Client was closed and is not queryable',
  'Cannot use a pool after calling end on the pool',
  'The server does not support SSL connections',
  'There was an error establishing an SSL connection',
  'SASL: ',
]

/** Error codes of the network, DNS and TLS. Other ERR_* codes are programming errors. */
const network_code =
  /^(E(?!RR_)[A-Z]+|EAI_[A-Z]+|ERR_(SSL|TLS)_\w+|CERT_\w+|DEPTH_ZERO_\w+|SELF_SIGNED_\w+|UNABLE_TO_\w+)$/

/** Whether the error was sent by PostgreSQL. */
export function isDriverError(error: unknown): boolean {
  return error instanceof Error && (error as DriverError).severity !== undefined
}

export function isSqlstate(error: unknown, ...states: readonly string[]): boolean {
  return error instanceof Error && states.includes((error as DriverError).code ?? '')
}

/** Whether the connection or the server failed, not the statement. */
export function isInfrastructure(error: unknown): boolean {
  if (error instanceof AppError) return error instanceof DatabaseUnavailableError
  if (!(error instanceof Error)) return false
  const { code } = error as DriverError
  if (code === undefined) return driver_messages.some((text) => error.message.startsWith(text))
  if (network_code.test(code)) return true
  return (by_sqlstate[code] ?? by_sqlstate_class[code.slice(0, 2)]) === DatabaseUnavailableError
}

/** A full disk, no memory and a read-only server take longer to recover. */
const retry_later = { headers: { 'retry-after': '5' } }

function recoversSlowly(sqlstate: string | undefined): boolean {
  return sqlstate === '25006' || sqlstate === '53100' || sqlstate === '53200'
}

/** The AppError for an error of pg or PostgreSQL; undefined for a bug (the client gets 500 INTERNAL_ERROR). */
export function translateError(error: unknown): AppError | undefined {
  if (error instanceof AppError) return error
  if (!(error instanceof Error)) return undefined
  const { code } = error as DriverError
  const roost_error = by_roost_sqlstate[code ?? '']
  if (roost_error !== undefined) return new roost_error()
  if (code === undefined && error.message.startsWith('Query read timeout'))
    return new QueryTimeoutError({ cause: error })
  if (isInfrastructure(error))
    return new DatabaseUnavailableError({ cause: error, ...(recoversSlowly(code) && retry_later) })
  const found = by_sqlstate[code ?? ''] ?? by_sqlstate_class[(code ?? '').slice(0, 2)]
  return found === undefined ? undefined : new found({ cause: error })
}

/** The caller's error for each named constraint. */
export type ConstraintErrors = Readonly<Record<string, () => Error>>

/** Awaits a statement and maps the violation of a named constraint to the caller's error. */
export async function onConstraint<T>(statement: Promise<T>, known: ConstraintErrors): Promise<T> {
  try {
    return await statement
  } catch (error) {
    throw mapConstraint(error, known)
  }
}

/** The caller's error for the violation of a named constraint; other errors are returned unchanged. */
export function mapConstraint(error: unknown, known: ConstraintErrors): unknown {
  const constraint = error instanceof Error ? (error as DriverError).constraint : undefined
  return (constraint === undefined ? undefined : known[constraint]?.()) ?? error
}
