// The sharding audit: from the catalog, that the schema could be spread over nodes by agency, and from the test run's manifest, that the statements could.
import { raw } from 'sql-template-tag'
import type { SystemTx } from '../postgres/transaction.ts'
import { forCatalog, type TenancyFinding } from './audit.ts'
import { acrossAgencies, localSchemas, localTables, referenceTables } from './placement.ts'
import { type Rule, statementOf } from './rules.ts'
import { placesQuery, shardRules, shardSets } from './rules-shards.ts'
import committed from './statements.json' with { type: 'json' }
import type { StatementManifest } from './statements.ts'

const statementRules: readonly Omit<Rule, 'sql'>[] = [
  {
    id: 'S11',
    title:
      'every statement the tests collected compares every table it names with the agency, or is known to look across them',
    why: 'A statement without the agency goes to every shard; a change without it may be refused.',
    fix: 'Compare x.agency_id with the agency of the transaction, then npm test -- --write.',
  },
  {
    id: 'S12',
    title: 'the statements were read with every sharded table in mind',
    why: 'A table the test run did not know is a table whose filters nobody has looked at.',
    fix: 'Enter it in test/isolation/tables.ts, then npm test -- --write',
  },
]

/** Every rule, for `verify shardable --explain`. */
export const allShardRules: readonly Omit<Rule, 'sql'>[] = [...shardRules, ...statementRules]

export interface ShardAudit {
  readonly status: 'ok' | 'findings'
  readonly rules: number
  readonly places: {
    readonly sharded: readonly string[]
    /** Table -> why. */
    readonly reference: Readonly<Record<string, string>>
    /** Table, or a schema with all its tables -> why. */
    readonly local: Readonly<Record<string, string>>
  }
  /** How many keys of sharded tables there are; all lead with the agency when there is no finding. */
  readonly keys: {
    readonly primary: number
    readonly unique: number
    readonly exclusion: number
    readonly foreign: number
  }
  readonly statements: StatementManifest
  /** Function -> why it may look across agencies. */
  readonly across_functions: Readonly<Record<string, string>>
  readonly findings: readonly TenancyFinding[]
}

interface PlaceRow {
  readonly place: 'sharded' | 'reference' | 'local'
  readonly schema: string
  readonly name: string
  readonly foreign_keys: number
  readonly primary_keys: number
  readonly unique_keys: number
  readonly exclusions: number
}

const statement = statementOf(shardRules, shardSets)

/**
 * Reads the catalog, as any role may, and changes nothing. `statements` is the manifest of this version, unless a test
 * brings its own. Throws AppError when the database is away.
 */
export async function auditShards(tx: SystemTx, statements: StatementManifest = committed): Promise<ShardAudit> {
  tx.send(forCatalog)
  const [broken, places] = await Promise.all([
    tx.query<{ rule: string; object: string; detail: string }>(raw(statement)),
    tx.query<PlaceRow>(raw(placesQuery)),
  ])
  const sharded = places.filter(({ place }) => place === 'sharded')
  const names = sharded.map(({ name }) => withoutPublic(name))
  const findings = [
    ...broken.map(({ rule, object, detail }) => found(rule, object, detail)),
    ...statementFindings(statements, names),
  ]
  const sum = (key: 'primary_keys' | 'unique_keys' | 'exclusions' | 'foreign_keys') =>
    sharded.reduce((total, row) => total + row[key], 0)
  return {
    status: findings.length > 0 ? 'findings' : 'ok',
    rules: allShardRules.length,
    places: {
      sharded: names,
      reference: reasons(places, 'reference', referenceTables),
      local: reasons(places, 'local', { ...localTables, ...localSchemas }),
    },
    keys: {
      primary: sum('primary_keys'),
      unique: sum('unique_keys'),
      exclusion: sum('exclusions'),
      foreign: sum('foreign_keys'),
    },
    statements,
    across_functions: acrossAgencies,
    findings,
  }
}

function statementFindings(
  { tables, across, unfiltered }: StatementManifest,
  sharded: readonly string[],
): TenancyFinding[] {
  return [
    ...unfiltered.map(({ file, statement: text, problem }) => found('S11', file, `${problem}: ${text}`)),
    ...across
      .filter(({ reason }) => reason.trim() === '')
      .map(({ file, statement: text }) => found('S11', file, `looks across agencies without a reason: ${text}`)),
    ...sharded
      .filter((table) => tables[table] === undefined)
      .map((table) => found('S12', table, 'no statement was read with this table in mind')),
  ]
}

function found(rule: string, object: string, message: string): TenancyFinding {
  return { rule, severity: 'error', object, message }
}

const withoutPublic = (name: string) => name.replace(/^public\./, '')

/** The tables of a place that are there, with their reasons; where a schema is placed as a whole, the schema. */
function reasons(
  places: readonly PlaceRow[],
  place: PlaceRow['place'],
  why: Readonly<Record<string, string>>,
): Record<string, string> {
  const there = new Set(
    places
      .filter((row) => row.place === place)
      .map(({ schema, name }) => (schema in localSchemas ? schema : withoutPublic(name))),
  )
  return Object.fromEntries([...there].sort().map((name) => [name, why[name] ?? '']))
}
