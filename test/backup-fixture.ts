// Runs `roost backup`, `roost restore` and `roost verify` in this process, with an environment.
import { Command, CommanderError } from 'commander'
import { registerBackup } from '../src/commands/backup/backup.ts'
import { type CommandContext, CommandError } from '../src/commands/context.ts'
import { registerVerify } from '../src/commands/verify/verify.ts'
import { parseConfig } from '../src/config.ts'
import { DataDirError } from '../src/core/postgres/data-folder.ts'
import { openStore } from '../src/store.ts'
import { silent } from './engines.ts'

export interface Outcome {
  readonly code: number
  readonly out: string
  readonly err: string
}

export async function roost(env: Record<string, string>, ...args: string[]): Promise<Outcome> {
  const out: string[] = []
  const said = { code: 0, err: '' }
  const config = parseConfig({ JWT_SECRET: 'x'.repeat(40), ...env })
  const context: CommandContext = {
    config: async () => config,
    env: { PATH: process.env.PATH, ...env },
    log: silent,
    print: (line) => void out.push(line),
    note: () => {},
    is_terminal: false,
    async withStore(work) {
      const store = await openStore(config, silent)
      return work(store, config).finally(() => store.close())
    },
    fail: () => {
      said.code = 1
    },
  }
  const program = new Command('roost').exitOverride()
  registerBackup(program, context)
  registerVerify(program, context)
  try {
    await program.parseAsync(['node', 'roost', ...args])
  } catch (error) {
    if (!(error instanceof CommandError || error instanceof DataDirError || error instanceof CommanderError))
      throw error
    said.err = error.message
    said.code = error instanceof CommanderError ? 2 : error.exit_code
  }
  return { out: out.join('\n'), ...said }
}

/** The number of rows of every table, and of rows of the audit log without a seal. */
export const contents = `
  select string_agg(format('%s %s', c.oid::regclass,
    (xpath('/row/n/text()', query_to_xml(format('select count(*) as n from %s', c.oid::regclass), false, true, '')))[1]), E'\\n' order by c.oid::regclass::text) as rows
  from pg_class c where c.relkind = 'r' and c.relnamespace in ('public'::regnamespace, 'app'::regnamespace)`

/** Inserts an entry into the audit log of an agency. */
export const insertEntry = `insert into audit_log (agency_id, id, actor_role, action, entity_type, entity_id)
  values ($1, gen_random_uuid(), 'operator', 'test.made', 'test', gen_random_uuid())`
