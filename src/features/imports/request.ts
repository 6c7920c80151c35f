// Runs the import that a request describes.

import type { FastifyRequest } from 'fastify'
import type { Actor } from '../../core/auth/actors.ts'
import { ForbiddenError, invalid, TokenInvalidError } from '../../core/errors.ts'
import type { Database } from '../../core/postgres/database.ts'
import { ImportRefusedError } from '../../core/request-errors.ts'
import { withUpload } from '../../http/upload.ts'
import { ImportError } from './import-errors.ts'
import type { BookingsRequest } from './imports.ts'
import type { ImportReport, Problem } from './report.ts'
import type { RunOptions } from './run.ts'
import { type ImportQuery, max_listed, type Report } from './schema.ts'
import { type AliasOption, parseAlias } from './stay-lookup.ts'

type ImportRequest = FastifyRequest<{ Querystring: ImportQuery }>

/** Throws ImportRefusedError for a wrong file or option, and what withUpload and the database throw. */
export async function runRequest(
  db: Database,
  request: ImportRequest,
  run: Pick<RunOptions, 'signal' | 'onProgress'>,
): Promise<Report> {
  const { query } = request
  const actor = importerOf(request.actor)
  const { kind, dry_run, assign, currency, date_order, source, format, map } = query
  const aliases = readAliases(query.aliases)
  const { importBookings, importListings } = await import('./imports.ts')
  const work = kind === 'bookings' ? importBookings : importListings
  const options = { actor, agency_id: actor.agency_id, currency, date_order, source, format, map, aliases }
  return withUpload(request, (file) =>
    whileAuthorized(db, request.actor, run.signal, async (signal) => {
      const all: BookingsRequest = { ...options, file, has_assignment: assign, is_dry_run: dry_run, ...run, signal }
      return toReport(await work(db, all).catch((error) => refuse(error, file)), dry_run)
    }),
  )
}

/**
 * The person, with the rights of the command: it sets any status and past stays, and what it saves is no change of the office, which
 * later imports would keep.
 */
function importerOf({ request: _, ...person }: Actor): Actor {
  return { ...person, role: 'operator' }
}

const check_ms = 5000

/** Runs `work` with a signal that aborts within seconds of the end of the person's membership or session. */
async function whileAuthorized<T>(
  db: Database,
  actor: Actor,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const ended = new AbortController()
  const timer = setInterval(async () => {
    try {
      await db.tenantTx(actor, (tx) => tx.requireActor())
    } catch (error) {
      if (error instanceof ForbiddenError || error instanceof TokenInvalidError) ended.abort(error)
    }
  }, check_ms)
  try {
    return await work(AbortSignal.any([ended.signal, ...(signal === undefined ? [] : [signal])]))
  } finally {
    clearInterval(timer)
  }
}

function readAliases(text = ''): AliasOption[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const alias = parseAlias(line)
      if (alias === undefined) throw invalid('/query/aliases', 'must be "title=property" in each line')
      return alias
    })
}

/** Messages name options as the command has them: `--alias`. */
const withoutFlags = (message: string) => message.replaceAll(/--([a-z])/g, '$1')

/** The message names the file by its path here. */
function refuse(error: unknown, path: string): never {
  if (!(error instanceof ImportError)) throw error
  const message = withoutFlags(error.message.replaceAll(path, 'The file'))
  const sentence = `${message.charAt(0).toUpperCase()}${message.slice(1)}`
  throw new ImportRefusedError({
    message: /[.!?]$/.test(sentence) ? sentence : `${sentence}.`,
    ...(error.reason !== undefined && { meta: { reason: error.reason } }),
  })
}

function toReport({ problems, warnings, changes, file, ...counts }: ImportReport, dry_run: boolean): Report {
  return {
    ...counts,
    notes: [...counts.notes],
    dry_run,
    format: file?.format ?? '',
    columns: file?.columns ?? {},
    ignored: [...(file?.ignored ?? [])],
    problems: problems.slice(0, max_listed).map(toProblem),
    warnings: warnings.slice(0, max_listed).map(({ line, column, reason, value }) => ({ line, column, reason, value })),
    changes: changes.slice(0, max_listed),
    num_warnings: warnings.length,
    num_changes: changes.length,
  }
}

/** Rows that are not saved have an error or a conflict. */
const toProblem = ({ outcome, reason, ...rest }: Problem) => ({
  ...rest,
  reason: withoutFlags(reason),
  outcome: outcome === 'conflict' ? ('conflict' as const) : ('error' as const),
})
