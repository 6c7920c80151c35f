// roost feature enable, disable and list: the optional features of an agency.
import { Argument, type Command } from 'commander'
import { type Module, modules } from '../config.ts'
import { operatorOf } from '../core/auth/actors.ts'
import { listFeatures, setFeature } from '../features/entitlements/entitlements.ts'
import { requireAgency } from './agency.ts'
import type { CommandContext } from './context.ts'

interface Options {
  readonly agency: string
  readonly json?: true
}

export function registerFeature(program: Command, context: CommandContext): void {
  const feature = program.command('feature').description('Optional features of an agency.')
  for (const [verb, is_enabled] of [
    ['enable', true],
    ['disable', false],
  ] as const) {
    feature
      .command(verb)
      .description(
        `${is_enabled ? 'Enable a feature for an agency' : 'Disable a feature for an agency'}. Writes an audit entry.`,
      )
      .addArgument(new Argument('<name>', 'the feature').choices([...modules]))
      .requiredOption('--agency <slug>', 'the agency')
      .action((name: Module, options: Options) => set(context, name, is_enabled, options))
  }
  feature
    .command('list')
    .description('List the features, and whether they are enabled for the agency and in this deployment.')
    .requiredOption('--agency <slug>', 'the agency')
    .option('--json', 'print JSON')
    .action((options: Options) => list(context, options))
}

async function set(
  context: CommandContext,
  name: Module,
  is_enabled: boolean,
  { agency: slug }: Options,
): Promise<void> {
  await context.withStore(async ({ db }) => {
    const agency = await requireAgency(db, slug)
    const has_changed = await db.tenantTx(operatorOf(agency.id), (tx) => setFeature(tx, name, is_enabled))
    const state = is_enabled ? 'enabled' : 'disabled'
    context.print(`${name} is ${has_changed ? 'now' : 'already'} ${state} for ${slug}.`)
  })
}

async function list(context: CommandContext, { agency: slug, json }: Options): Promise<void> {
  await context.withStore(async ({ db }, config) => {
    const agency = await requireAgency(db, slug)
    const features = await db.tenantRead(operatorOf(agency.id), (tx) => listFeatures(tx, config.modules_enabled))
    if (json) return context.print(JSON.stringify(features, null, 2))
    for (const { name, is_enabled, is_in_deployment, description } of features) {
      const where = is_in_deployment ? '' : ' (not in this deployment: MODULES_ENABLED)'
      context.print(`${is_enabled ? 'on ' : 'off'}  ${name.padEnd(15)} ${description}${where}`)
    }
  })
}
