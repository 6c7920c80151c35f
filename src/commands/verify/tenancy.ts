// roost verify tenancy: audits tenant isolation in the catalog; --prove also runs attack cases.
import type { Command } from 'commander'
import { auditTenancy, rules, type TenancyAudit, type TenancyFinding } from '../../core/tenancy/audit.ts'
import { checkTenantIsolation, type IsolationReport, isolationRules } from '../../core/tenancy/isolation-check.ts'
import { createMigratorFor, type Store } from '../../store.ts'
import { type CommandContext, CommandError } from '../context.ts'
import { startProgress } from '../progress.ts'

interface Options {
  readonly prove?: true
  readonly explain?: true
  readonly json?: true
}

export function registerTenancy(verify: Command, context: CommandContext): void {
  verify
    .command('tenancy')
    .description(
      'Audit row-level security, policies, keys, grants and functions in the catalog against rules and the manifest of this version. Exit code 1 when there are findings, 0 with warnings only. Reads only.',
    )
    .option('--prove', 'also run attack cases between two test agencies on every table; everything is rolled back')
    .option('--explain', 'print each rule with its reason and fix')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nBoth are safe in production. --prove needs a connection of the schema owner (MIGRATION_DATABASE_URL).',
    )
    .action((options: Options) => verifyTenancy(context, options))
}

async function verifyTenancy(context: CommandContext, options: Options): Promise<void> {
  const { audit, isolation } = await context.withStore(async (store) => {
    const { length } = await createMigratorFor(store).pending()
    if (length > 0) throw new CommandError(`migrations are pending (${length}): roost migrate up`)
    return {
      audit: await store.db.systemRead((tx) => auditTenancy(tx, { is_embedded: store.is_embedded })),
      isolation: options.prove ? await runIsolationCheck(context, store, options.json === true) : undefined,
    }
  })
  if (options.json)
    context.print(JSON.stringify({ ...audit, ...(isolation && { proof: toProof(isolation) }) }, null, 2))
  else printReport(context, audit, isolation, options.explain === true)
  if (audit.status === 'findings' || (isolation?.findings.length ?? 0) > 0) context.fail()
}

async function runIsolationCheck(context: CommandContext, store: Store, is_json: boolean): Promise<IsolationReport> {
  const connection = await store.connectOwner()
  const bar = startProgress(context, 'tables', !is_json)
  try {
    return await checkTenantIsolation(connection, { onProgress: bar.update })
  } catch (error) {
    throw new CommandError(
      `the isolation check could not run: ${(error as Error).message}. It needs the schema owner: set MIGRATION_DATABASE_URL.`,
    )
  } finally {
    bar.stop()
    await connection.release()
  }
}

/** Keeps the field names of the JSON output. */
function toProof({ statements, ...report }: IsolationReport): object {
  return { ...report, probes: statements }
}

function printReport(
  context: CommandContext,
  audit: TenancyAudit,
  isolation: IsolationReport | undefined,
  explain: boolean,
): void {
  const { findings } = audit
  context.print(`catalog: ${audit.rules} rules, ${audit.tables} tables, ${countFindings(findings)}`)
  if (explain) printRules(context, findings)
  else printFindings(context, findings)
  if (isolation !== undefined) {
    const { tables, identities, statements } = isolation
    context.print(
      `isolation: ${statements} statements by ${identities} identities on ${tables} tables, ${countFindings(isolation.findings)}`,
    )
    for (const line of groupFindings(isolation.findings)) context.print(line)
  }
  context.print(`fingerprint: ${audit.fingerprint}`)
  if (!explain && findings.length > 0) context.print('For details: roost verify tenancy --explain')
}

function countFindings(findings: readonly TenancyFinding[]): string {
  const warnings = findings.filter(({ severity }) => severity === 'warning').length
  const errors = findings.length - warnings
  return `${errors} ${errors === 1 ? 'finding' : 'findings'}${warnings === 0 ? '' : `, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`}`
}

function printFindings(context: CommandContext, findings: readonly TenancyFinding[]): void {
  for (const { rule, severity, object, message } of findings)
    context.print(`  ${rule} ${severity.padEnd(7)} ${object}: ${message}`)
}

/** Joins findings that differ in the identity only: `guests as admin`, `guests as staff`. */
function groupFindings(findings: readonly TenancyFinding[]): string[] {
  const groups = Map.groupBy(findings, ({ rule, object, message }) => `${rule} ${object.split(' as ')[0]}: ${message}`)
  return [...groups].map(
    ([what, all]) => `  ${what}, as ${all.map(({ object }) => object.split(' as ')[1] ?? 'anybody').join(', ')}`,
  )
}

function printRules(context: CommandContext, findings: readonly TenancyFinding[]): void {
  for (const { id, title, why, fix, splinter } of rules) {
    const own = findings.filter(({ rule }) => rule === id)
    context.print(`\n${id} ${own.length === 0 ? 'ok     ' : countFindings(own)} ${title}`)
    printFindings(context, own)
    context.print(`  why: ${why}`)
    context.print(`  fix: ${fix}${splinter === undefined ? '' : `\n  splinter: ${splinter}`}`)
  }
  context.print('')
  for (const [id, title] of Object.entries(isolationRules)) context.print(`${id} --prove: ${title}`)
  context.print('')
}
