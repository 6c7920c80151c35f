// The driver's failures in our words: by SQLSTATE and constraint name, never by the text of a server message.
import { AppError, type AppErrorOptions } from '../app-error.ts'
import { ConflictError, ForbiddenError, TokenInvalidError, ValidationError } from '../errors.ts'
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

/** A constraint that a feature knows by name is translated there (onConstraint); these are the net below. */
const bySqlstate: Readonly<Record<string, ErrorClass>> = {
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

/** Raised by app.require_actor: the token or the membership has ended since the request was let in. */
const ours: Readonly<Record<string, ErrorClass>> = { RT401: TokenInvalidError, RT403: ForbiddenError }

const byClass: Readonly<Record<string, ErrorClass>> = {
  '08': DatabaseUnavailableError,
  '53': DatabaseUnavailableError,
  '57': DatabaseUnavailableError,
  '58': DatabaseUnavailableError,
  '22': ValidationError,
}

/** Texts of the driver's own errors that carry no code; a test pins them against the installed version. */
export const driverTexts = [
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

/** Codes of the network, of name resolution and of TLS; ERR_* are programming errors, but for those of TLS. */
const networkCode =
  /^(E(?!RR_)[A-Z]+|EAI_[A-Z]+|ERR_(SSL|TLS)_\w+|CERT_\w+|DEPTH_ZERO_\w+|SELF_SIGNED_\w+|UNABLE_TO_\w+)$/

/** Whether PostgreSQL itself said so. */
export function isDriverError(error: unknown): boolean {
  return error instanceof Error && (error as DriverError).severity !== undefined
}

export function isSqlstate(error: unknown, ...states: readonly string[]): boolean {
  return error instanceof Error && states.includes((error as DriverError).code ?? '')
}

/** Whether the failure says something about the connection or the server, not about the statement. */
export function isInfrastructure(error: unknown): boolean {
  if (error instanceof AppError) return error instanceof DatabaseUnavailableError
  if (!(error instanceof Error)) return false
  const { code } = error as DriverError
  if (code === undefined) return driverTexts.some((text) => error.message.startsWith(text))
  if (networkCode.test(code)) return true
  return (bySqlstate[code] ?? byClass[code.slice(0, 2)]) === DatabaseUnavailableError
}

/** A full disk, no memory and a server that only reads are not over in a second. */
const later = { headers: { 'retry-after': '5' } }

function isSlowToPass(sqlstate: string | undefined): boolean {
  return sqlstate === '25006' || sqlstate === '53100' || sqlstate === '53200'
}

/** The AppError for a failure of the driver; undefined when it is a bug of ours (the caller lets it become a 500). */
export function translate(error: unknown): AppError | undefined {
  if (error instanceof AppError) return error
  if (!(error instanceof Error)) return undefined
  const { code } = error as DriverError
  const expected = ours[code ?? '']
  if (expected !== undefined) return new expected()
  if (code === undefined && error.message.startsWith('Query read timeout'))
    return new QueryTimeoutError({ cause: error })
  if (isInfrastructure(error)) return new DatabaseUnavailableError({ cause: error, ...(isSlowToPass(code) && later) })
  const found = bySqlstate[code ?? ''] ?? byClass[(code ?? '').slice(0, 2)]
  return found === undefined ? undefined : new found({ cause: error })
}

/** Awaits a statement and turns the violation of a named constraint into the error the caller knows. */
export async function onConstraint<T>(statement: Promise<T>, known: Readonly<Record<string, () => Error>>): Promise<T> {
  try {
    return await statement
  } catch (error) {
    const constraint = error instanceof Error ? (error as DriverError).constraint : undefined
    const known_error = constraint === undefined ? undefined : known[constraint]?.()
    throw known_error ?? error
  }
}
