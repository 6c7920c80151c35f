// roost verify audit: that the audit log is what was written.
import type { Command } from 'commander'
import sql from 'sql-template-tag'
import type { Database } from '../../core/postgres/database.ts'
import { operatorOf } from '../../features/agencies/agencies.ts'
import { beginning, type Finding, holdsHead, unsealed, walkOn } from '../../features/audit-log/chain.ts'
import { type CommandContext, CommandError } from '../context.ts'

interface Agency {
  readonly id: string
  readonly slug: string
}

interface Verdict {
  readonly agency: string
  /** Rows in the chain. */
  readonly sealed: number
  /** The last hash of the chain: note it outside, and ask for it later with --head. */
  readonly head: string | null
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
    .description('Recompute the chain of the audit log; exit code 1 when a row was changed, forged or taken away.')
    .option('--agency <slug>', 'this agency only')
    .option('--head <slug:hash>', 'whether this hash, noted earlier, is still in the chain of the agency')
    .option('--json', 'print JSON')
    .action((options: Options) => verifyAudit(context, options))
}

async function verifyAudit(context: CommandContext, options: Options): Promise<void> {
  const noted = options.head === undefined ? undefined : notedHead(options.head)
  const verdicts = await context.withStore(async ({ db }) => {
    const agencies = await wantedAgencies(db, noted?.slug ?? options.agency)
    const found: Verdict[] = []
    for (const agency of agencies) {
      if (context.is_terminal) context.note(`${agency.slug} ...`)
      found.push(await verify(db, agency, noted?.hash))
    }
    return found
  })
  if (options.json) context.print(JSON.stringify(verdicts, null, 2))
  else for (const verdict of verdicts) report(context, verdict)
  if (verdicts.some(({ findings }) => findings.length > 0)) context.fail()
}

function notedHead(text: string): { slug: string; hash: Buffer } {
  const [, slug, hex] = /^([a-z0-9-]+):([0-9a-f]{64})$/.exec(text) ?? []
  if (slug === undefined || hex === undefined) throw new CommandError('--head is <slug>:<64 hex digits>')
  return { slug, hash: Buffer.from(hex, 'hex') }
}

async function wantedAgencies(db: Database, slug: string | undefined): Promise<Agency[]> {
  const all = await db.systemTx((tx) => tx.query<Agency>(sql`select id, slug from app.list_agencies()`))
  const wanted = slug === undefined ? all : all.filter((agency) => agency.slug === slug)
  if (wanted.length === 0 && slug !== undefined) throw new CommandError(`no agency has the slug ${slug}`)
  return wanted
}

/** Page by page, so that a long log needs neither much memory nor one long transaction. */
async function verify(db: Database, { id, slug }: Agency, noted: Buffer | undefined): Promise<Verdict> {
  const actor = operatorOf(id)
  let walk = beginning
  for (;;) {
    const from = walk
    const next = await db.tenantRead(actor, (tx) => walkOn(tx, from))
    if (next === undefined) break
    walk = next
  }
  const loose = await db.tenantRead(actor, unsealed)
  const is_known = noted === undefined || (await db.tenantRead(actor, (tx) => holdsHead(tx, noted)))
  const lost = { kind: 'head', message: 'the noted hash is not in the chain: all of it was written anew' } as const
  const findings = [...walk.findings, ...loose, ...(is_known ? [] : [lost])]
  return { agency: slug, sealed: walk.seq, head: walk.seq === 0 ? null : walk.chain_hash.toString('hex'), findings }
}

function report(context: CommandContext, { agency, sealed, head, findings }: Verdict): void {
  const result = findings.length === 0 ? 'as written' : `${findings.length} findings`
  context.print(`${agency}: ${sealed} rows sealed, ${result}${head === null ? '' : `; head ${agency}:${head}`}`)
  for (const finding of findings) {
    const where =
      'audit_id' in finding ? `row ${finding.audit_id}${finding.seq === null ? '' : ` (seq ${finding.seq})`}: ` : ''
    context.print(`  ${finding.kind.padEnd(9)} ${where}${finding.message}`)
  }
}
