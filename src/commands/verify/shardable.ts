// roost verify shardable: checks that the database can be sharded by agency.
import type { Command } from 'commander'
import type { TenancyFinding } from '../../core/tenancy/audit.ts'
import { allShardRules, auditShards, type ShardAudit } from '../../core/tenancy/shards.ts'
import { createMigratorFor } from '../../store.ts'
import { type CommandContext, CommandError } from '../context.ts'

interface Options {
  readonly explain?: true
  readonly json?: true
}

export function registerShardable(verify: Command, context: CommandContext): void {
  verify
    .command('shardable')
    .description(
      'Check that the database can be sharded by agency. From the catalog: all keys of tenant tables begin with the agency, and no foreign key, trigger, default or function needs rows of two agencies. From the statements of the test run: each filters by agency. Exit code 1 when there are findings. Reads only.',
    )
    .option('--explain', 'print each rule with its reason and fix, and each table with the reason for its placement')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nSee docs/ops/scaling.md.')
    .action((options: Options) => verifyShardable(context, options))
}

async function verifyShardable(context: CommandContext, options: Options): Promise<void> {
  const audit = await context.withStore(async (store) => {
    const { length } = await createMigratorFor(store).pending()
    if (length > 0) throw new CommandError(`migrations are pending (${length}): roost migrate up`)
    return store.db.systemRead((tx) => auditShards(tx))
  })
  if (options.json) context.print(JSON.stringify(audit, null, 2))
  else for (const line of formatAudit(audit, options.explain === true)) context.print(line)
  if (audit.status === 'findings') context.fail()
}

function formatAudit(audit: ShardAudit, explain: boolean): string[] {
  const { rules, places, keys, statements, findings } = audit
  const { sharded, reference, local } = places
  const { length } = findings
  return [
    `${rules} rules, ${length} ${length === 1 ? 'finding' : 'findings'}`,
    ...(explain ? formatRules(findings) : findings.map(formatFinding)),
    `sharded by agency: ${sharded.length} tables: ${sharded.join(', ')}`,
    `  keys: ${keys.primary} primary, ${keys.unique} unique, ${keys.exclusion} exclusion, ${keys.foreign} foreign`,
    ...formatPlacement('copied to every node', reference, explain),
    ...formatPlacement('on one node', local, explain),
    `statements: ${statements.statements} in ${statements.files} files, ${statements.filtered} filter every table by the agency; these are cross-tenant:`,
    ...statements.across.flatMap(({ file, statement, reason }) => [
      `  ${file}: ${statement.slice(0, 70)} …`,
      `    ${reason}`,
    ]),
    'cross-tenant functions:',
    ...Object.entries(audit.across_functions).map(([name, reason]) => `  ${name}: ${reason}`),
    ...(length > 0
      ? ['For details: roost verify shardable --explain']
      : ['OK: the database can be sharded by agency. Requirements of sharding engines: docs/ops/scaling.md']),
  ]
}

function formatPlacement(where: string, tables: Readonly<Record<string, string>>, explain: boolean): string[] {
  const names = Object.keys(tables)
  if (!explain) return [`${where}: ${names.join(', ')}`]
  return [`${where}:`, ...names.map((name) => `  ${name}: ${tables[name]}`)]
}

const formatFinding = ({ rule, object, message }: TenancyFinding) => `  ${rule} ${object}: ${message}`

function formatRules(findings: readonly TenancyFinding[]): string[] {
  return allShardRules.flatMap(({ id, title, why, fix }) => {
    const own = findings.filter(({ rule }) => rule === id)
    return [
      `${id} ${own.length === 0 ? 'ok' : `${own.length} findings`}: ${title}`,
      ...own.map(formatFinding),
      `  why: ${why}`,
      `  fix: ${fix}`,
    ]
  })
}
