// The tenancy audit: checks the catalog for anything that weakens the isolation of agencies.
import { createHash } from 'node:crypto'
import sql, { raw } from 'sql-template-tag'
import type { SystemTx } from '../postgres/transaction.ts'
import wanted from './manifest.json' with { type: 'json' }
import { type Difference, findDifferences, type Manifest, type Part, readDefinitions } from './manifest.ts'
import { buildStatement, type Rule, sets } from './rules.ts'
import { codeRules } from './rules-code.ts'
import { ownObjectRules } from './rules-own.ts'
import { policyRules } from './rules-policies.ts'
import { roleRules } from './rules-roles.ts'
import { tableRules } from './rules-tables.ts'

export interface TenancyFinding {
  /** Id of the rule, for example R04. */
  readonly rule: string
  readonly severity: 'error' | 'warning'
  /** The table, policy, function or role that violates the rule. */
  readonly object: string
  readonly message: string
}

export interface TenancyAudit {
  /** `ok` when there are warnings only. */
  readonly status: 'ok' | 'findings'
  readonly rules: number
  readonly tables: number
  readonly findings: TenancyFinding[]
  /** SHA-256 of all definitions that are compared with the manifest. Equal for databases with equal definitions. */
  readonly fingerprint: string
}

const catalogRules: readonly Rule[] = [...tableRules, ...policyRules, ...roleRules, ...codeRules, ...ownObjectRules]

const restore = 'Restore the definition from supabase/schema.sql, or write a migration and npm run docs.'
const manifestRules: readonly (Omit<Rule, 'sql'> & { readonly part?: Part })[] = [
  {
    id: 'X00',
    title: 'the schema has the version of this release',
    why: 'The manifest of another version cannot be compared.',
    fix: 'roost migrate up',
  },
  {
    id: 'X01',
    part: 'functions',
    title: 'the functions are exactly those of the migrations',
    why: 'Policies call functions: a changed function changes their result.',
    fix: `${restore} After pg_restore: roost migrate up.`,
  },
  {
    id: 'X02',
    part: 'constraints',
    title: 'the constraints of the migrations exist unchanged',
    why: 'Without the exclusion constraint a night can be booked twice.',
    fix: restore,
  },
  {
    id: 'X04',
    part: 'policies',
    title: 'the policies are exactly those of the migrations',
    why: 'Without a restrictive policy an owner can read the properties of other owners.',
    fix: restore,
  },
  {
    id: 'X05',
    part: 'triggers',
    title: 'the triggers are exactly those of the migrations',
    why: 'A foreign trigger can read and change every written row.',
    fix: restore,
  },
  {
    id: 'X06',
    part: 'grants',
    title: 'the grants are exactly those of the migrations',
    why: 'An additional privilege can be misused.',
    fix: restore,
  },
]

/** All rules, for `verify tenancy --explain` and the documentation. */
export const rules: readonly Omit<Rule, 'sql'>[] = [...catalogRules, ...manifestRules]

const statement = buildStatement(catalogRules)

export interface AuditOptions {
  /** Rule O08 does not apply to the embedded database, whose only login role is a superuser. */
  readonly is_embedded: boolean
  /** Default: the manifest of this version. */
  readonly manifest?: Manifest
}

/** Makes the server print names with their schema, and disables JIT, which takes longer than the statements. */
export const catalogSettings = sql`select set_config('search_path', 'pg_catalog', true), set_config('jit', 'off', true)`

/** Reads the catalog, which any role may; takes about 10 ms. Throws AppError when the database is unavailable. */
export async function auditTenancy(tx: SystemTx, options: AuditOptions): Promise<TenancyAudit> {
  const manifest = options.manifest ?? wanted
  tx.queue(catalogSettings)
  const [rows, definitions, tables] = await Promise.all([
    tx.query<{ rule: string; object: string; detail: string }>(raw(statement)),
    readDefinitions(tx),
    tx.one<{ tables: number }>(raw(`${sets} select count(*)::int as tables from tenant`)),
  ])
  const version_check = await checkVersion(tx, manifest.schema_version)
  const broken = rows.filter(({ rule }) => !(options.is_embedded && rule === 'O08'))
  const findings = [
    ...broken.map(({ rule, object, detail }) => createFinding(rule, object, detail)),
    // A newer database has definitions that this release does not know; only the rules above apply to it.
    ...(version_check.is_ahead ? [] : findDifferences(manifest, definitions).map(toFinding)),
    ...version_check.findings,
  ]
  const is_bad = findings.some(({ severity }) => severity === 'error')
  const fingerprint = createHash('sha256').update(JSON.stringify(definitions)).digest('hex')
  return { status: is_bad ? 'findings' : 'ok', rules: rules.length, ...tables, findings, fingerprint }
}

function createFinding(rule: string, object: string, message: string): TenancyFinding {
  return { rule, severity: rules.find(({ id }) => id === rule)?.severity ?? 'error', object, message }
}

function toFinding({ part, name, kind, wanted: before, found: now }: Difference): TenancyFinding {
  const rule = manifestRules.find((one) => one.part === part)?.id ?? 'X00'
  const words = {
    missing: `missing: ${before}`,
    unknown: `not in the manifest: ${now}`,
    changed: `is ${now}, not ${before}`,
  }
  return createFinding(rule, name, words[kind])
}

async function checkVersion(tx: SystemTx, known: string) {
  const version = await tx
    .savepoint(() => tx.one<{ version: string | null }>(sql`select app.schema_version() as version`))
    .then(
      (row) => row.version ?? 'none',
      () => 'unknown',
    )
  const is_ahead = /^\d{14}$/.test(version) && version > known
  const findings =
    is_ahead || version === known ? [] : [createFinding('X00', `schema ${version}`, `this code expects ${known}`)]
  return { is_ahead, findings }
}
