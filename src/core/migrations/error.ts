// What the migration runner says when it refuses or fails: the file, the line, the server's words and the next step.
import type { Statement } from './statements.ts'

export type MigrationProblem =
  | 'changed' // an applied file was edited
  | 'gap' // a pending file is older than an applied one
  | 'unknown' // applied, but there is no such file
  | 'files' // the folders themselves are wrong
  | 'destructive' // a rollback would destroy rows
  | 'failed' // the server refused a statement
  | 'interrupted' // the connection was lost: running it again may succeed
  | 'locked' // another run, or another session, holds the lock
  | 'usage' // a version that does not exist, a connection that cannot do it

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

/** A failure for the operator, never for a client. `exit_code`: 1 a file failed, 2 could not run, 3 refused. */
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
  /** In characters from 1, as a string (pg) or a number. */
  readonly position?: string | number
  readonly where?: string
  readonly detail?: string
  readonly hint?: string
}

/** The SQLSTATE of the server's answer, also when it is wrapped in one of ours. */
export function sqlstateOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  if (error instanceof MigrationError) return sqlstateOf(error.cause)
  const { code } = error as ServerError
  return code !== undefined && /^[0-9A-Z]{5}$/.test(code) ? code : undefined
}

/** A statement of `file` failed: names line, server's message and what to do. */
export function statementFailed(file: string, statement: Statement, cause: unknown, command: string): MigrationError {
  return failure(`${file}, line ${lineOf(statement, cause)}`, cause, command)
}

/** Something around the statements of `file` failed: its BEGIN, its COMMIT (a deferred constraint), the connection. */
export function fileFailed(file: string, cause: unknown, command: string): MigrationError {
  if (cause instanceof MigrationError) return cause
  return failure(file, cause, command)
}

function failure(where: string, cause: unknown, command: string): MigrationError {
  const problem = isLost(sqlstateOf(cause)) ? 'interrupted' : 'failed'
  return new MigrationError(problem, `${where}: ${explain(cause, command)}`, cause)
}

/** The driver's own errors have no SQLSTATE; 57P.. is a server that stops, 08.. a broken connection. */
const isLost = (state: string | undefined) => state === undefined || state.startsWith('57P') || state.startsWith('08')

/** The server counts characters, JavaScript counts UTF-16 units: an emoji in a comment must not move the line. */
function lineOf(statement: Statement, cause: unknown): number {
  const position = Number((cause as ServerError).position ?? 1)
  const before = Array.from(statement.text).slice(0, Math.max(0, position - 1))
  return statement.line + before.filter((character) => character === '\n').length
}

function explain(cause: unknown, command: string): string {
  const error = cause as ServerError
  const state = sqlstateOf(cause)
  const facts = [error.detail, error.hint, error.where?.split('\n')[0]].filter((fact) => fact !== undefined)
  const words = [`${error.message}${state === undefined ? '' : ` (SQLSTATE ${state})`}`, ...facts].join('; ')
  return `${words}. ${nextStep(state, command)}`
}

function nextStep(state: string | undefined, command: string): string {
  if (isLost(state)) {
    return `The connection was lost; what was not committed is undone. Run again: ${command}`
  }
  if (state === '57014') {
    return `Nothing of this file was kept. A statement may take 15 minutes: split the work into smaller files, then run: ${command}`
  }
  return `Nothing of this file was kept. Correct it, then run: ${command}`
}
