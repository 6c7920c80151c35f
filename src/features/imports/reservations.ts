// Imports a file of stays: plans the whole file, groups the stays that depend on each other, saves group by group.
import type { Actor } from '../../core/auth/actors.ts'
import type { Database } from '../../core/postgres/database.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { findKnown, type Known, keyText } from '../channels/known.ts'
import { isFatal, toRowError } from './batch.ts'
import type { ChannelStay } from './channel-stay.ts'
import type { StayFormat } from './formats/stay-format.ts'
import { groupByNights, packGroups } from './groups.ts'
import { RowError } from './import-errors.ts'
import type { ImportFile } from './import-file.ts'
import type { RowResult } from './importer.ts'
import { loadDirectory, saveAliases } from './property-directory.ts'
import { createImportSummary, type ImportSummary } from './report.ts'
import { DryRunRollback, type RunOptions, stopIfAborted } from './run.ts'
import { type AliasOption, inSlices, resolveStays } from './stay-lookup.ts'
import { type Decision, decide, nightsOf, type PlannedStay, warnOddities } from './stay-plan.ts'
import type { RowOptions } from './stay-row.ts'
import { readStayRows } from './stay-rows.ts'
import { saveStays } from './stay-save.ts'

export interface StayOptions extends Omit<RowOptions, 'format'> {
  /** Of amounts without a currency; undefined: the currency of each row's property. */
  readonly currency: string | undefined
  readonly aliases: readonly AliasOption[]
}

/** How many stays are looked up with one statement, and how many are saved in one transaction. */
const lookup_size = 500
const pack_size = 60

/** Throws ImportError, before anything is saved, when an option is wrong. What is saved stays when the import is interrupted. */
export async function importStayFile(
  db: Database,
  actor: Actor,
  file: ImportFile<StayFormat>,
  options: StayOptions,
  run: RunOptions,
): Promise<ImportSummary> {
  const summary = createImportSummary()
  const rows = await readStayRows(file, { ...options, format: file.format }, summary.addWarning)
  for (const { line, result } of rows.results) summary.add(line, result)
  if (!run.is_dry_run) {
    await importStays((work) => db.tenantTx(actor, work), rows.stays, options, run, summary)
    return summary
  }
  const dry_run = db.tenantTx(actor, async (tx) => {
    await importStays((work) => work(tx), rows.stays, options, run, summary)
    throw new DryRunRollback(summary)
  })
  return dry_run.catch((error: unknown) => {
    if (error instanceof DryRunRollback) return error.summary
    throw error
  })
}

type InTransaction = <T>(work: (tx: Tx) => Promise<T>) => Promise<T>

async function importStays(
  inTransaction: InTransaction,
  stays: readonly ChannelStay[],
  options: StayOptions,
  { onProgress, signal }: RunOptions,
  summary: ImportSummary,
): Promise<void> {
  const known = new Map<string, Known>()
  for (let at = 0; at < stays.length; at += lookup_size) {
    stopIfAborted(signal)
    const found = await inTransaction((tx) => findKnown(tx, stays.slice(at, at + lookup_size)))
    for (const [key, one] of found) known.set(key, one)
  }
  const directory = await inTransaction(loadDirectory)
  const resolved = await resolveStays(stays, known, directory, options)
  await inTransaction((tx) => saveAliases(tx, directory.learned()))
  const items: Item[] = []
  let index = 0
  for await (const result of inSlices(resolved)) {
    const line = stays[index]?.line ?? 0
    index += 1
    if (result instanceof RowError) {
      summary.add(line, result)
      continue
    }
    const item = itemOf(result, known.get(keyText(result.stay)), summary.addNote)
    if (item.decision.kind === 'skip' && !item.has_conflict) summary.add(line, { outcome: 'skipped', ...item.decision })
    else items.push(item)
  }
  const done = resolved.length - items.length
  let saved = 0
  for (const pack of packGroups(groupByNights(items), pack_size)) {
    stopIfAborted(signal)
    const results = await inTransaction((tx) => saveGroups(tx, pack))
    for (const [index, { planned }] of pack.flat().entries()) {
      summary.add(planned.stay.line, results[index] ?? new RowError('has no result'))
    }
    saved += results.length
    onProgress?.(done + saved, resolved.length)
  }
}

interface Item {
  readonly planned: PlannedStay
  readonly decision: Decision
  readonly booking_id: string | undefined
  readonly has_conflict: boolean
  readonly nights: ReturnType<typeof listNights>
}

const unknown: Known = { booking: undefined, conflict: undefined }

function itemOf(planned: PlannedStay, known: Known = unknown, addNote: (text: string) => void): Item {
  const decision = decide(planned, known)
  if (decision.kind === 'create') warnOddities(planned, addNote)
  const has_conflict = known.conflict !== undefined
  return { planned, decision, booking_id: known.booking?.id, has_conflict, nights: listNights(planned, decision) }
}

function listNights(planned: PlannedStay, decision: Decision) {
  const { from, to } = nightsOf(planned, decision)
  return [from, to].filter((stay) => stay !== null)
}

/** One result per stay. When the database refuses the groups, they are saved one after the other. */
async function saveGroups(tx: Tx, groups: readonly (readonly Item[])[]): Promise<RowResult[]> {
  const items = groups.flat()
  const stays = items.map(({ planned }) => planned)
  const booking_ids = items.flatMap(({ booking_id }) => booking_id ?? [])
  try {
    return await tx.savepoint(() => saveStays(tx, stays, booking_ids))
  } catch (error) {
    if (isFatal(error)) throw error
    if (groups.length === 1) return items.map(() => toRowError(error, () => null))
  }
  const half = Math.ceil(groups.length / 2)
  const first = await saveGroups(tx, groups.slice(0, half))
  return [...first, ...(await saveGroups(tx, groups.slice(half)))]
}
