// roost export: everything of one agency as a zip file of CSV and JSON.
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { findAgency, recordExport } from '../../features/agencies/agencies.ts'
import { type Store, version } from '../../store.ts'
import { writeBackup } from '../backup/backup-file.ts'
import { type CommandContext, CommandError } from '../context.ts'
import { startProgress } from '../progress.ts'
import { writeArchive } from './archive.ts'
import { withSnapshot } from './snapshot.ts'

interface Options {
  readonly agency: string
  readonly force?: true
  readonly json?: true
}

export function registerExport(program: Command, context: CommandContext): void {
  program
    .command('export')
    .argument('[file]', 'the file to write (default: <slug>-<date>.zip)')
    .description(
      'Write everything of an agency to a zip file of CSV and JSON, with a README that explains each column.',
    )
    .requiredOption('--agency <slug>', 'the agency')
    .option('--force', 'overwrite the file')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nFor an agency that leaves, or wants its data in a spreadsheet. All files show the same moment; the service may run, except on\n' +
        'the embedded database. The file is readable by its owner only.\n' +
        'The audit log of the agency gets an entry. Not a backup: `roost backup` is what can be restored.',
    )
    .action((file: string | undefined, options: Options) => exportAgency(context, file, options))
}

async function exportAgency(context: CommandContext, given: string | undefined, options: Options): Promise<void> {
  const { agency: slug, force, json } = options
  const file = resolve(given ?? `${slug}-${new Date().toISOString().slice(0, 10)}.zip`)
  const result = await context.withStore(async (store) => {
    const agency = await findAgency(store.db, slug)
    if (agency === undefined) throw new CommandError(`no agency has the slug ${slug}: roost agency list`)
    let rows: Record<string, number> = {}
    const bytes = await writeBackup(file, force === true, async (path) => {
      await recordExport(store.db, agency.id)
      rows = await writeRows(context, store, { id: agency.id, slug, path, is_quiet: json === true })
    })
    return { file, bytes, rows }
  })
  if (json) context.print(JSON.stringify(result, null, 2))
  else {
    const total = Object.values(result.rows).reduce((sum, count) => sum + count, 0)
    context.print(`${file}: ${result.bytes} bytes, ${total} rows in ${Object.keys(result.rows).length} tables`)
  }
}

async function writeRows(
  context: CommandContext,
  store: Store,
  { id, slug, path, is_quiet }: { id: string; slug: string; path: string; is_quiet: boolean },
): Promise<Record<string, number>> {
  const connection = await store.connectOwner()
  const bar = startProgress(context, 'tables', !is_quiet)
  const facts = { slug, version, exported_at: new Date().toISOString() }
  try {
    return await withSnapshot(connection, id, (snapshot) => writeArchive(path, snapshot, facts, bar.update))
  } finally {
    bar.stop()
    await connection.release()
  }
}
