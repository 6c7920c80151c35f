// roost verify shardable: that the database could be spread over nodes by agency, from its catalog and from the statements the tests collected.
import type { Command } from 'commander'
import type { TenancyFinding } from '../../core/tenancy/audit.ts'
import { allShardRules, auditShards, type ShardAudit } from '../../core/tenancy/shards.ts'
import { migratorOf } from '../../store.ts'
import { type CommandContext, CommandError } from '../context.ts'

interface Options {
  readonly explain?: true
  readonly json?: true
}

export function registerShardable(verify: Command, context: CommandContext): void {
  verify
    .command('shardable')
    .description(
      'Prove from the catalog that every key of a table with an agency leads with it, that no foreign key, trigger, default or function needs rows of two agencies, and from the statements the tests collected that each filters by it. Exit code 1 when there are findings. Reads only.',
    )
    .option('--explain', 'for each rule what it asks, why, and what to do; for each table why it is where it is')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nWhat it is for: docs/ops/scaling.md.')
    .action((options: Options) => verifyShardable(context, options))
}

async function verifyShardable(context: CommandContext, options: Options): Promise<void> {
  const audit = await context.withStore(async (store) => {
    const { length } = await migratorOf(store).pending()
    if (length > 0) throw new CommandError(`migrations are pending (${length}): roost migrate up`)
    return store.db.systemRead((tx) => auditShards(tx))
  })
  if (options.json) context.print(JSON.stringify(audit, null, 2))
  else for (const line of linesOf(audit, options.explain === true)) context.print(line)
  if (audit.status === 'findings') context.fail()
}

function linesOf(audit: ShardAudit, explain: boolean): string[] {
  const { rules, places, keys, statements, findings } = audit
  const { sharded, reference, local } = places
  const { length } = findings
  return [
    `${rules} rules, ${length} ${length === 1 ? 'finding' : 'findings'}`,
    ...(explain ? explained(findings) : findings.map(lineOf)),
    `sharded by agency: ${sharded.length} tables: ${sharded.join(', ')}`,
    `  keys: ${keys.primary} primary, ${keys.unique} unique, ${keys.exclusion} exclusion, ${keys.foreign} foreign`,
    ...placed('a copy on every node', reference, explain),
    ...placed('on one node', local, explain),
    `statements: ${statements.statements} in ${statements.files} files, ${statements.filtered} filter every table by the agency; these look across:`,
    ...statements.across.flatMap(({ file, statement, reason }) => [
      `  ${file}: ${statement.slice(0, 70)} …`,
      `    ${reason}`,
    ]),
    'functions that look across agencies:',
    ...Object.entries(audit.across_functions).map(([name, reason]) => `  ${name}: ${reason}`),
    ...(length > 0
      ? ['What each rule asks and what to do: roost verify shardable --explain']
      : ['Good: it can be sharded by agency. What an engine asks beyond that: docs/ops/scaling.md']),
  ]
}

function placed(where: string, tables: Readonly<Record<string, string>>, explain: boolean): string[] {
  const names = Object.keys(tables)
  if (!explain) return [`${where}: ${names.join(', ')}`]
  return [`${where}:`, ...names.map((name) => `  ${name}: ${tables[name]}`)]
}

const lineOf = ({ rule, object, message }: TenancyFinding) => `  ${rule} ${object}: ${message}`

function explained(findings: readonly TenancyFinding[]): string[] {
  return allShardRules.flatMap(({ id, title, why, fix }) => {
    const own = findings.filter(({ rule }) => rule === id)
    return [
      `${id} ${own.length === 0 ? 'ok' : `${own.length} findings`}: ${title}`,
      ...own.map(lineOf),
      `  why: ${why}`,
      `  fix: ${fix}`,
    ]
  })
}
