// Runs `roost verify …` on a test's database and shows what a run leaves there.
import { Command, CommanderError } from 'commander'
import { type CommandContext, CommandError } from '../src/commands/context.ts'
import { registerVerify } from '../src/commands/verify/verify.ts'
import { type Config, parseConfig } from '../src/config.ts'
import type { Store } from '../src/store.ts'
import { silent, type TestStore } from './engines.ts'

export interface Outcome {
  /** What was printed on stdout. */
  readonly out: string
  /** What was printed on stderr. */
  readonly err: string
  readonly code: number
}

/** The configuration of a deployment on a server with its own secret. */
export const deployment = { DATABASE_URL: 'postgres://unused', JWT_SECRET: 'x'.repeat(40) }

/** A context that appends its lines to these lists. */
export function contextOn(store: Store, said: { out: string[]; err: string[]; code: number }, config: Config) {
  return {
    config: async () => config,
    log: silent,
    env: {},
    print: (line) => void said.out.push(line),
    note: (line) => void said.err.push(line),
    is_terminal: false,
    withStore: (work) => work(store, config),
    fail: () => {
      said.code = 1
    },
  } satisfies CommandContext
}

/** Runs `roost verify <args>`. Returns its output and the exit code that main.ts would set. */
export async function verify(
  store: Store,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Outcome> {
  const said = { out: [] as string[], err: [] as string[], code: 0 }
  const program = new Command('roost').exitOverride()
  const url = (store as Partial<TestStore>).url ?? deployment.DATABASE_URL
  registerVerify(program, contextOn(store, said, parseConfig({ ...deployment, DATABASE_URL: url, ...env })))
  for (const command of program.commands.flatMap((group) => group.commands)) {
    command.exitOverride().configureOutput({
      writeOut: (text) => void said.out.push(text),
      writeErr: (text) => void said.err.push(text),
    })
  }
  try {
    await program.parseAsync(['node', 'roost', 'verify', ...args])
  } catch (error) {
    if (!(error instanceof CommandError || error instanceof CommanderError)) throw error
    said.err.push(error.message)
    said.code = error instanceof CommandError ? error.exit_code : error.exitCode === 0 ? 0 : 2
  }
  return { out: said.out.join('\n'), err: said.err.join('\n'), code: said.code }
}

/** For each table a checksum of its rows, and its privileges. */
export async function everythingIn({ owner }: TestStore): Promise<Record<string, string>> {
  const { rows: tables } = await owner.query(`
    select c.oid::regclass::text as name, coalesce(c.relacl::text, '') as privileges
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and not c.relispartition and n.nspname in ('public', 'app', 'pgboss') order by 1`)
  const found: Record<string, string> = {}
  for (const { name, privileges } of tables) {
    const { rows } = await owner.query(
      `select count(*)::int as n, coalesce(md5(string_agg(t::text, '\n' order by t::text)), '') as hash from ${name} t`,
    )
    found[String(name)] = `${rows[0]?.n} rows, ${rows[0]?.hash}, ${privileges}`
  }
  return found
}
