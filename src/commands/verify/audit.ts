// roost verify audit: checks the hash chain of the audit log.
import type { Command } from 'commander'
import sql from 'sql-template-tag'
import { type ListedAgency as Agency, listAgencies } from '../../core/agency-list.ts'
import { operatorOf } from '../../core/auth/actors.ts'
import type { Database } from '../../core/postgres/database.ts'
import {
  chain_start,
  containsHash,
  countUnsealed,
  type Finding,
  listUnsealed,
  verifyNextLinks,
} from '../../features/audit-log/chain.ts'
import { type CommandContext, CommandError } from '../context.ts'

interface AuditResult {
  readonly agency: string
  /** Number of rows in the chain. */
  readonly sealed: number
  /** The last hash of the chain. Store it elsewhere and check it later with --head. */
  readonly head: string | null
  /** Number of rows that the worker has not sealed yet; 1,000 also for more. */
  readonly waiting: number
  readonly findings: readonly (Finding | { readonly kind: 'head'; readonly message: string })[]
}

interface Options {
  readonly agency?: string
  readonly head?: string
  readonly json?: true
}

export function registerAudit(verify: Command, context: CommandContext): void {
  verify
    .command('audit')
    .description('Recompute the hash chain of the audit log. Exit code 1 when a row was changed, forged or removed.')
    .option('--agency <slug>', 'check this agency only')
    .option('--head <slug:hash>', 'check that this hash, recorded earlier, is still in the chain of the agency')
    .option('--json', 'print JSON')
    .action((options: Options) => verifyAudit(context, options))
}

async function verifyAudit(context: CommandContext, options: Options): Promise<void> {
  const recorded = options.head === undefined ? undefined : parseHead(options.head)
  const results = await context.withStore(async ({ db }) => {
    const beat_at = await readHeartbeat(db)
    const agencies = await selectAgencies(db, recorded?.slug ?? options.agency)
    const found: AuditResult[] = []
    for (const agency of agencies) {
      if (context.is_terminal) context.note(`${agency.slug} ...`)
      found.push(await verify(db, agency, beat_at, recorded?.hash))
    }
    return found
  })
  if (options.json) context.print(JSON.stringify(results, null, 2))
  else for (const result of results) printResult(context, result)
  if (results.some(({ findings }) => findings.length > 0)) context.fail()
}

function parseHead(text: string): { slug: string; hash: Buffer } {
  const [, slug, hex] = /^([a-z0-9-]+):([0-9a-f]{64})$/.exec(text) ?? []
  if (slug === undefined || hex === undefined) throw new CommandError('--head is <slug>:<64 hex digits>')
  return { slug, hash: Buffer.from(hex, 'hex') }
}

async function selectAgencies(db: Database, slug: string | undefined): Promise<Agency[]> {
  const all = await listAgencies(db)
  const wanted = slug === undefined ? all : all.filter((agency) => agency.slug === slug)
  if (wanted.length === 0 && slug !== undefined) throw new CommandError(`no agency has the slug ${slug}`)
  return wanted
}

/** Null when no worker has ever run. */
async function readHeartbeat(db: Database): Promise<string | null> {
  const row = await db.systemRead((tx) =>
    tx.maybe<{ beat_at: string }>(sql`select beat_at from app.heartbeats where name = 'worker'`),
  )
  return row?.beat_at ?? null
}

/** Reads the log in pages, to limit memory and the length of transactions. */
async function verify(
  db: Database,
  { id, slug }: Agency,
  worker_beat_at: string | null,
  recorded: Buffer | undefined,
): Promise<AuditResult> {
  const actor = operatorOf(id)
  let chain = chain_start
  for (;;) {
    const from = chain
    const next = await db.tenantRead(actor, (tx) => verifyNextLinks(tx, from))
    if (next === undefined) break
    chain = next
  }
  const unsealed = await db.tenantRead(actor, (tx) => listUnsealed(tx, worker_beat_at))
  const waiting = (await db.tenantRead(actor, countUnsealed)) - unsealed.length
  const is_in_chain = recorded === undefined || (await db.tenantRead(actor, (tx) => containsHash(tx, recorded)))
  const rewritten = {
    kind: 'head',
    message: 'the recorded hash is not in the chain: the whole chain was rewritten',
  } as const
  const findings = [...chain.findings, ...unsealed, ...(is_in_chain ? [] : [rewritten])]
  const head = chain.seq === 0 ? null : chain.chain_hash.toString('hex')
  return { agency: slug, sealed: chain.seq, head, waiting, findings }
}

function printResult(context: CommandContext, { agency, sealed, head, waiting, findings }: AuditResult): void {
  const result = findings.length === 0 ? 'unchanged' : `${findings.length} findings`
  const rest = waiting === 0 ? '' : `, ${waiting} wait for the worker`
  context.print(`${agency}: ${sealed} rows sealed${rest}, ${result}${head === null ? '' : `; head ${agency}:${head}`}`)
  for (const finding of findings) {
    const where =
      'audit_id' in finding ? `row ${finding.audit_id}${finding.seq === null ? '' : ` (seq ${finding.seq})`}: ` : ''
    context.print(`  ${finding.kind.padEnd(9)} ${where}${finding.message}`)
  }
}
