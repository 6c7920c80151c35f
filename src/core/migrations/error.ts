// The errors of the migration runner, with file, line, server message and next step.
import type { Statement } from './statements.ts'

export type MigrationProblem =
  | 'changed' // an applied file was edited
  | 'gap' // a pending file is older than an applied one
  | 'unknown' // applied, but there is no such file
  | 'files' // a migration folder or file is not valid
  | 'destructive' // a rollback would delete rows
  | 'failed' // the server refused a statement
  | 'interrupted' // the connection was lost: running it again may succeed
  | 'locked' // another run, or another session, holds the lock
  | 'usage' // an unknown version, or an unsuitable connection

const exit_codes: Readonly<Record<MigrationProblem, number>> = {
  changed: 3,
  gap: 3,
  unknown: 3,
  files: 3,
  destructive: 3,
  failed: 1,
  interrupted: 2,
  locked: 2,
  usage: 2,
}

/** Shown to the operator, never to an API client. `exit_code`: 1 a file failed, 2 could not run, 3 refused. */
export class MigrationError extends Error {
  readonly problem: MigrationProblem
  readonly exit_code: number
  constructor(problem: MigrationProblem, message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'MigrationError'
    this.problem = problem
    this.exit_code = exit_codes[problem]
  }
}

interface ServerError extends Error {
  readonly code?: string
  /** In characters, starting at 1; a string (pg) or a number. */
  readonly position?: string | number
  readonly where?: string
  readonly detail?: string
  readonly hint?: string
}

/** The SQLSTATE of a server error, also when it is the cause of a MigrationError. */
export function findSqlstate(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  if (error instanceof MigrationError) return findSqlstate(error.cause)
  const { code } = error as ServerError
  return code !== undefined && /^[0-9A-Z]{5}$/.test(code) ? code : undefined
}

/** The error for a failed statement of `file`. */
export function createStatementError(
  file: string,
  statement: Statement,
  cause: unknown,
  command: string,
): MigrationError {
  return createFailure(`${file}, line ${findLine(statement, cause)}`, cause, command)
}

/** The error for a failure outside the statements of `file`: BEGIN, COMMIT (a deferred constraint), the connection. */
export function createFileError(file: string, cause: unknown, command: string): MigrationError {
  if (cause instanceof MigrationError) return cause
  return createFailure(file, cause, command)
}

function createFailure(where: string, cause: unknown, command: string): MigrationError {
  const problem = isConnectionLost(findSqlstate(cause)) ? 'interrupted' : 'failed'
  return new MigrationError(problem, `${where}: ${explain(cause, command)}`, cause)
}

/** Errors of the driver have no SQLSTATE. 57P.. is a server shutdown, 08.. a connection failure. */
const isConnectionLost = (state: string | undefined) =>
  state === undefined || state.startsWith('57P') || state.startsWith('08')

/** The server counts characters, JavaScript UTF-16 code units. */
function findLine(statement: Statement, cause: unknown): number {
  const position = Number((cause as ServerError).position ?? 1)
  const before = Array.from(statement.text).slice(0, Math.max(0, position - 1))
  return statement.line + before.filter((character) => character === '\n').length
}

function explain(cause: unknown, command: string): string {
  const error = cause as ServerError
  const state = findSqlstate(cause)
  const details = [error.detail, error.hint, error.where?.split('\n')[0]].filter((detail) => detail !== undefined)
  const message = [`${error.message}${state === undefined ? '' : ` (SQLSTATE ${state})`}`, ...details].join('; ')
  return `${message}. ${nextStep(state, command)}`
}

function nextStep(state: string | undefined, command: string): string {
  if (isConnectionLost(state)) {
    return `The connection was lost; uncommitted changes are rolled back. Run again: ${command}`
  }
  if (state === '57014') {
    return `The file was rolled back. The limit for a statement is 15 minutes: split the work into smaller files, then run: ${command}`
  }
  return `The file was rolled back. Correct it, then run: ${command}`
}
