// roost verify tenancy: that the database keeps agencies apart, from its catalog and, with --prove, by trying.
import type { Command } from 'commander'
import { auditTenancy, rules, type TenancyAudit, type TenancyFinding } from '../../core/tenancy/audit.ts'
import { type Proof, proofRules, proveTenancy } from '../../core/tenancy/isolation-check.ts'
import { migratorOf, type Store } from '../../store.ts'
import { type CommandContext, CommandError } from '../context.ts'
import { progressBar } from '../progress.ts'

interface Options {
  readonly prove?: true
  readonly explain?: true
  readonly json?: true
}

export function registerTenancy(verify: Command, context: CommandContext): void {
  verify
    .command('tenancy')
    .description(
      'Audit the catalog: row-level security, policies, keys, grants, functions, against rules and a manifest of this version. Exit code 1 when there are findings; warnings alone are 0. Reads only.',
    )
    .option('--prove', 'also try: two made-up agencies, every table, every kind of statement; all of it rolled back')
    .option('--explain', 'for each rule what it asks, why, and what to do')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nBoth may run on production. --prove needs the connection of the schema owner (MIGRATION_DATABASE_URL).',
    )
    .action((options: Options) => verifyTenancy(context, options))
}

async function verifyTenancy(context: CommandContext, options: Options): Promise<void> {
  const { audit, proof } = await context.withStore(async (store) => {
    const { length } = await migratorOf(store).pending()
    if (length > 0) throw new CommandError(`migrations are pending (${length}): roost migrate up`)
    return {
      audit: await store.db.systemRead((tx) => auditTenancy(tx, { is_embedded: store.is_embedded })),
      proof: options.prove ? await prove(context, store, options.json === true) : undefined,
    }
  })
  if (options.json) context.print(JSON.stringify({ ...audit, ...(proof && { proof }) }, null, 2))
  else report(context, audit, proof, options.explain === true)
  if (audit.status === 'findings' || (proof?.findings.length ?? 0) > 0) context.fail()
}

async function prove(context: CommandContext, store: Store, is_json: boolean): Promise<Proof> {
  const connection = await store.connectOwner()
  const bar = progressBar(context, 'tables', !is_json)
  try {
    return await proveTenancy(connection, { onProgress: bar.update })
  } catch (error) {
    throw new CommandError(
      `the proof could not run: ${(error as Error).message}. It needs the owner of the schema: set MIGRATION_DATABASE_URL.`,
    )
  } finally {
    bar.stop()
    await connection.release()
  }
}

function report(context: CommandContext, audit: TenancyAudit, proof: Proof | undefined, explain: boolean): void {
  const { findings } = audit
  context.print(`catalog: ${audit.rules} rules, ${audit.tables} tables, ${counted(findings)}`)
  if (explain) explainRules(context, findings)
  else list(context, findings)
  if (proof !== undefined) {
    const { tables, identities, probes } = proof
    context.print(
      `proof: ${probes} statements by ${identities} identities on ${tables} tables, ${counted(proof.findings)}`,
    )
    for (const line of grouped(proof.findings)) context.print(line)
  }
  context.print(`fingerprint: ${audit.fingerprint}`)
  if (!explain && findings.length > 0)
    context.print('What each rule asks and what to do: roost verify tenancy --explain')
}

function counted(findings: readonly TenancyFinding[]): string {
  const warnings = findings.filter(({ severity }) => severity === 'warning').length
  const errors = findings.length - warnings
  return `${errors} ${errors === 1 ? 'finding' : 'findings'}${warnings === 0 ? '' : `, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`}`
}

function list(context: CommandContext, findings: readonly TenancyFinding[]): void {
  for (const { rule, severity, object, message } of findings)
    context.print(`  ${rule} ${severity.padEnd(7)} ${object}: ${message}`)
}

/** One line for what several identities could do: `guests as admin` and `guests as staff` are one mistake. */
function grouped(findings: readonly TenancyFinding[]): string[] {
  const who = Map.groupBy(findings, ({ rule, object, message }) => `${rule} ${object.split(' as ')[0]}: ${message}`)
  return [...who].map(
    ([what, all]) => `  ${what}, as ${all.map(({ object }) => object.split(' as ')[1] ?? 'anybody').join(', ')}`,
  )
}

function explainRules(context: CommandContext, findings: readonly TenancyFinding[]): void {
  for (const { id, title, why, fix, splinter } of rules) {
    const own = findings.filter(({ rule }) => rule === id)
    context.print(`\n${id} ${own.length === 0 ? 'ok     ' : counted(own)} ${title}`)
    list(context, own)
    context.print(`  why: ${why}`)
    context.print(`  fix: ${fix}${splinter === undefined ? '' : `\n  splinter: ${splinter}`}`)
  }
  context.print('')
  for (const [id, title] of Object.entries(proofRules)) context.print(`${id} --prove: ${title}`)
  context.print('')
}
