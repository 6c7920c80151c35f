// The sharding audit: checks that schema and statements allow sharding by agency.
import { raw } from 'sql-template-tag'
import type { SystemTx } from '../postgres/transaction.ts'
import { catalogSettings, type TenancyFinding } from './audit.ts'
import { crossTenantFunctions, localSchemas, localTables, referenceTables } from './placement.ts'
import { buildStatement, type Rule } from './rules.ts'
import { placesQuery, shardRules, shardSets } from './rules-shards.ts'
import committed from './statements.json' with { type: 'json' }
import type { StatementManifest } from './statements.ts'

const statementRules: readonly Omit<Rule, 'sql'>[] = [
  {
    id: 'S11',
    title: 'every collected statement filters all its tables by agency, or is listed as cross-tenant',
    why: 'A statement without the agency is sent to every shard; a write without it may be refused.',
    fix: 'Compare x.agency_id with the agency of the transaction, then run npm test -- --write.',
  },
  {
    id: 'S12',
    title: 'the check of statements covered every sharded table',
    why: 'The filters of a table that the test run does not know were not checked.',
    fix: 'Add it to test/isolation/tables.ts, then run npm test -- --write',
  },
]

/** All rules, for `verify shardable --explain`. */
export const allShardRules: readonly Omit<Rule, 'sql'>[] = [...shardRules, ...statementRules]

export interface ShardAudit {
  readonly status: 'ok' | 'findings'
  readonly rules: number
  readonly places: {
    readonly sharded: readonly string[]
    /** Table -> reason. */
    readonly reference: Readonly<Record<string, string>>
    /** Table, or schema with all its tables -> reason. */
    readonly local: Readonly<Record<string, string>>
  }
  /** Number of keys of sharded tables. Without findings all begin with the agency. */
  readonly keys: {
    readonly primary: number
    readonly unique: number
    readonly exclusion: number
    readonly foreign: number
  }
  readonly statements: StatementManifest
  /** Cross-tenant function -> reason. */
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

const statement = buildStatement(shardRules, shardSets)

/**
 * Reads the catalog, which any role may. `statements` is the manifest of this version by default. Throws AppError when the
 * database is unavailable.
 */
export async function auditShards(tx: SystemTx, statements: StatementManifest = committed): Promise<ShardAudit> {
  tx.queue(catalogSettings)
  const [broken, places] = await Promise.all([
    tx.query<{ rule: string; object: string; detail: string }>(raw(statement)),
    tx.query<PlaceRow>(raw(placesQuery)),
  ])
  const sharded = places.filter(({ place }) => place === 'sharded')
  const names = sharded.map(({ name }) => withoutPublic(name))
  const findings = [
    ...broken.map(({ rule, object, detail }) => createFinding(rule, object, detail)),
    ...statementFindings(statements, names),
  ]
  const sum = (key: 'primary_keys' | 'unique_keys' | 'exclusions' | 'foreign_keys') =>
    sharded.reduce((total, row) => total + row[key], 0)
  return {
    status: findings.length > 0 ? 'findings' : 'ok',
    rules: allShardRules.length,
    places: {
      sharded: names,
      reference: collectReasons(places, 'reference', referenceTables),
      local: collectReasons(places, 'local', { ...localTables, ...localSchemas }),
    },
    keys: {
      primary: sum('primary_keys'),
      unique: sum('unique_keys'),
      exclusion: sum('exclusions'),
      foreign: sum('foreign_keys'),
    },
    statements,
    across_functions: crossTenantFunctions,
    findings,
  }
}

function statementFindings(
  { tables, across, unfiltered }: StatementManifest,
  sharded: readonly string[],
): TenancyFinding[] {
  return [
    ...unfiltered.map(({ file, statement: text, problem }) => createFinding('S11', file, `${problem}: ${text}`)),
    ...across
      .filter(({ reason }) => reason.trim() === '')
      .map(({ file, statement: text }) => createFinding('S11', file, `cross-tenant without a reason: ${text}`)),
    ...sharded
      .filter((table) => tables[table] === undefined)
      .map((table) => createFinding('S12', table, 'the check of statements did not cover this table')),
  ]
}

function createFinding(rule: string, object: string, message: string): TenancyFinding {
  return { rule, severity: 'error', object, message }
}

const withoutPublic = (name: string) => name.replace(/^public\./, '')

/** The existing tables of a placement with their reasons, or the schema when it is placed as a whole. */
function collectReasons(
  places: readonly PlaceRow[],
  place: PlaceRow['place'],
  reasons: Readonly<Record<string, string>>,
): Record<string, string> {
  const existing = new Set(
    places
      .filter((row) => row.place === place)
      .map(({ schema, name }) => (schema in localSchemas ? schema : withoutPublic(name))),
  )
  return Object.fromEntries([...existing].sort().map((name) => [name, reasons[name] ?? '']))
}
