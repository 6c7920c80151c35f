// Warnings about a migration before it runs: locks, data loss, missing row-level security.
import type { Migration, Rollback } from './files.ts'

interface Lint {
  readonly pattern: RegExp
  readonly message: string
  /** Not a problem on a table that the same file creates. Group 1 of the pattern is the table. */
  readonly is_safe_on_new_tables: boolean
}

const altered = 'alter table (?:if exists )?(?:only )?([\\w.]+)\\b.*'

const lints: readonly Lint[] = [
  {
    pattern: /^create (?:unique )?index (?!concurrently\b).*?\bon (?:only )?([\w.]+)/,
    message:
      'CREATE INDEX without CONCURRENTLY blocks writes to the table while it builds; use CONCURRENTLY in its own file with the header "-- roost: no-transaction"',
    is_safe_on_new_tables: true,
  },
  {
    pattern: new RegExp(`${altered}\\bset not null\\b`),
    message:
      'SET NOT NULL reads the whole table under an exclusive lock; first add CHECK (… is not null) NOT VALID and validate it in a later migration',
    is_safe_on_new_tables: true,
  },
  {
    pattern: new RegExp(`${altered}\\badd (?:constraint \\w+ )?(?:foreign key|check)\\b(?!.*\\bnot valid\\b)`),
    message:
      'a new FOREIGN KEY or CHECK reads the whole table under a lock; add it NOT VALID and VALIDATE it in a later migration',
    is_safe_on_new_tables: true,
  },
  {
    pattern: new RegExp(`${altered}\\balter (?:column )?\\w+ (?:set data )?type\\b`),
    message:
      'changing a type may rewrite the whole table under an exclusive lock; add a new column and migrate to it in steps',
    is_safe_on_new_tables: true,
  },
  {
    pattern: /\btimestamp\b(?! ?(?:\(\d\) ?)?with time zone)/,
    message: 'timestamp without time zone; use timestamptz',
    is_safe_on_new_tables: false,
  },
]

/** The warnings for one migration, each with its line. They do not prevent `up`. */
export function lintMigration(migration: Migration): string[] {
  const created = new Set(
    migration.statements.map(({ bare }) => findCreatedTable(bare)).filter((table) => table !== undefined),
  )
  const warnings = migration.statements.flatMap(({ bare, line }) =>
    lints
      .filter(({ pattern, is_safe_on_new_tables }) => {
        const match = pattern.exec(bare)
        return match !== null && !(is_safe_on_new_tables && created.has(withoutPublicSchema(match[1] ?? '')))
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
        `line ${line}: DROP COLUMN breaks a running release that reads the column; when none does, declare it with a line "-- contract: reason"`,
    )
}

/** Checks tables of `public` only: other schemas hold no tenant rows. */
function lintProtection({ statements }: Migration): string[] {
  return statements.flatMap(({ bare, line }) => {
    const table = findCreatedTable(bare)
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
  const derived = [...rollback.text.matchAll(/^--\s*derived: (\w+)$/gm)].map(([, table]) => table)
  return rollback.statements
    .flatMap(({ bare }) => /^drop table (?:if exists )?(.*?)(?: cascade| restrict)?$/.exec(bare)?.[1]?.split(',') ?? [])
    .map((table) => withoutPublicSchema(table.trim()))
    .filter(
      (table) => !table.includes('.') && !derived.includes(table) && !rollback.destroys.includes(`public.${table}`),
    )
    .map(
      (table) =>
        `${rollback.file} drops ${table}; declare it in the header with "-- destroys: ${table}", otherwise its rows are deleted without a check`,
    )
}

function findCreatedTable(bare: string): string | undefined {
  const name = /^create (?:unlogged )?table (?:if not exists )?([\w.]+)/.exec(bare)?.[1]
  return name === undefined ? undefined : withoutPublicSchema(name)
}

const withoutPublicSchema = (table: string) => table.replace(/^public\./, '')
