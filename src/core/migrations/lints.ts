// Simple warnings about a migration before it runs: what would lock, lose data, or leave a table unprotected.
import type { Migration, Rollback } from './files.ts'

interface Lint {
  readonly pattern: RegExp
  readonly message: string
  /** Harmless on a table this file creates, since nobody else can see that yet; group 1 of the pattern is the table. */
  readonly is_fine_on_new_tables: boolean
}

const altered = 'alter table (?:if exists )?(?:only )?([\\w.]+)\\b.*'

const lints: readonly Lint[] = [
  {
    pattern: /^create (?:unique )?index (?!concurrently\b).*?\bon (?:only )?([\w.]+)/,
    message:
      'CREATE INDEX without CONCURRENTLY stops all writes to the table while it builds; use CONCURRENTLY in a file of its own with the header "-- roost: no-transaction"',
    is_fine_on_new_tables: true,
  },
  {
    pattern: new RegExp(`${altered}\\bset not null\\b`),
    message:
      'SET NOT NULL reads the whole table under an exclusive lock; first add CHECK (… is not null) NOT VALID and validate it in a later migration',
    is_fine_on_new_tables: true,
  },
  {
    pattern: new RegExp(`${altered}\\badd (?:constraint \\w+ )?(?:foreign key|check)\\b(?!.*\\bnot valid\\b)`),
    message:
      'a new FOREIGN KEY or CHECK reads the whole table under a lock; add it NOT VALID, VALIDATE it in a later migration',
    is_fine_on_new_tables: true,
  },
  {
    pattern: new RegExp(`${altered}\\balter (?:column )?\\w+ (?:set data )?type\\b`),
    message:
      'changing a type may rewrite the whole table under an exclusive lock; add a new column and move over step by step',
    is_fine_on_new_tables: true,
  },
  {
    pattern: /\btimestamp\b(?! ?(?:\(\d\) ?)?with time zone)/,
    message: 'timestamp without time zone; use timestamptz',
    is_fine_on_new_tables: false,
  },
]

/** Warnings for one migration, each with its line. Findings about style and safety, not errors: a person decides. */
export function lintMigration(migration: Migration): string[] {
  const bares = migration.statements.map(({ bare }) => bare)
  const created = new Set(bares.map(createdTable).filter((table) => table !== undefined))
  const warnings = migration.statements.flatMap(({ bare, line }) =>
    lints
      .filter(({ pattern, is_fine_on_new_tables }) => {
        const match = pattern.exec(bare)
        return match !== null && !(is_fine_on_new_tables && created.has(publicName(match[1] ?? '')))
      })
      .map(({ message }) => `line ${line}: ${message}`),
  )
  return [
    ...warnings,
    ...lintDroppedColumns(migration),
    ...lintProtection(migration),
    ...lintRollback(migration.rollback),
  ]
}

function lintDroppedColumns({ statements, text }: Migration): string[] {
  if (/^--\s*contract\b/m.test(text)) return []
  return statements
    .filter(({ bare }) => /^alter table .*\bdrop column\b/.test(bare))
    .map(
      ({ line }) =>
        `line ${line}: DROP COLUMN breaks the release still running; when none reads it any more, say so with a line "-- contract: why"`,
    )
}

/** Only `public` is exposed to tenants; other schemas hold no tenant rows. Here and below. */
function lintProtection({ statements }: Migration): string[] {
  return statements.flatMap(({ bare, line }) => {
    const table = createdTable(bare)
    if (table === undefined || table.includes('.')) return []
    const protection = new RegExp(`\\balter table (?:public\\.)?${table} enable row level security\\b`)
    const call = new RegExp(`\\bapp\\.protect\\(\\s*'(?:public\\.)?${table}'`)
    const is_protected = statements.some((other) => protection.test(other.bare) || call.test(other.text.toLowerCase()))
    return is_protected
      ? []
      : [`line ${line}: table ${table} has no row level security; add: select app.protect('${table}');`]
  })
}

function lintRollback(rollback: Rollback | undefined): string[] {
  if (rollback === undefined)
    return ['there is no rollback of the same name in supabase/rollbacks; migrate down will refuse']
  return rollback.statements
    .flatMap(({ bare }) => /^drop table (?:if exists )?(.*?)(?: cascade| restrict)?$/.exec(bare)?.[1]?.split(',') ?? [])
    .map((table) => publicName(table.trim()))
    .filter((table) => !table.includes('.') && !rollback.destroys.includes(`public.${table}`))
    .map(
      (table) =>
        `${rollback.file} drops ${table}; say so in its first lines with "-- destroys: ${table}", or its rows go without a question`,
    )
}

function createdTable(bare: string): string | undefined {
  const name = /^create (?:unlogged )?table (?:if not exists )?([\w.]+)/.exec(bare)?.[1]
  return name === undefined ? undefined : publicName(name)
}

const publicName = (table: string) => table.replace(/^public\./, '')
