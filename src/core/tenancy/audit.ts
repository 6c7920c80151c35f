// The tenancy audit: reads the catalog of a database and says whatever could let one agency see or touch another's rows.
import { createHash } from 'node:crypto'
import sql, { raw } from 'sql-template-tag'
import type { SystemTx } from '../postgres/transaction.ts'
import wanted from './manifest.json' with { type: 'json' }
import { type Difference, differences, type Manifest, type Part, readPieces } from './manifest.ts'
import { type Rule, sets, statementOf } from './rules.ts'
import { codeRules } from './rules-code.ts'
import { policyRules } from './rules-policies.ts'
import { roleRules } from './rules-roles.ts'
import { tableRules } from './rules-tables.ts'

export interface TenancyFinding {
  /** The id of the rule: R04. */
  readonly rule: string
  readonly severity: 'error' | 'warning'
  /** What breaks it: a table, a policy, a function, a role. */
  readonly object: string
  readonly message: string
}

export interface TenancyAudit {
  /** `ok` also with warnings. */
  readonly status: 'ok' | 'findings'
  readonly rules: number
  readonly tables: number
  readonly findings: TenancyFinding[]
  /** SHA-256 over everything compared with the manifest: two databases with the same one have the same protection. */
  readonly fingerprint: string
}

const catalogRules: readonly Rule[] = [...tableRules, ...policyRules, ...roleRules, ...codeRules]

const compared = 'Restore the definition from supabase/schema.sql, or write a migration and npm run docs.'
const manifestRules: readonly (Omit<Rule, 'sql'> & { readonly part?: Part })[] = [
  {
    id: 'X00',
    title: 'the schema is the one this code was written for',
    why: 'Fingerprints of another version say nothing.',
    fix: 'roost migrate up',
  },
  {
    id: 'X01',
    part: 'functions',
    title: 'every function is as the migrations made it, and there is no other',
    why: 'Policies ask functions: one of another body decides otherwise.',
    fix: compared,
  },
  {
    id: 'X02',
    part: 'constraints',
    title: 'every required constraint is there as the migrations made it',
    why: 'Without the exclusion constraint two bookings may take one night.',
    fix: compared,
  },
  {
    id: 'X04',
    part: 'policies',
    title: 'every policy is as the migrations made it, and there is no other',
    why: 'A narrower rule that is gone shows an owner the homes of others.',
    fix: compared,
  },
  {
    id: 'X05',
    part: 'triggers',
    title: 'every trigger is as the migrations made it, and there is no other',
    why: "A trigger of somebody else's sees and changes each row that is written.",
    fix: compared,
  },
  {
    id: 'X06',
    part: 'grants',
    title: 'every grant is as the migrations made it, and there is no other',
    why: 'A right too many is used one day.',
    fix: compared,
  },
]

/** Every rule, in the order of its id's group; for `verify tenancy --explain` and the docs. */
export const rules: readonly Omit<Rule, 'sql'>[] = [...catalogRules, ...manifestRules]

const statement = statementOf(catalogRules)

/** `manifest` is the one of this version, unless a test brings its own. */
export interface AuditOptions {
  /** The embedded database has one role that is everything: rule O08 says nothing about it. */
  readonly is_embedded: boolean
  readonly manifest?: Manifest
}

/** Names are printed in full whatever the role's own search_path; compiling the statements would take longer than they do. */
export const forCatalog = sql`select set_config('search_path', 'pg_catalog', true), set_config('jit', 'off', true)`

/** Reads the catalog, as any role may, and changes nothing; about 10 ms. Throws AppError when the database is away. */
export async function auditTenancy(tx: SystemTx, options: AuditOptions): Promise<TenancyAudit> {
  const manifest = options.manifest ?? wanted
  tx.send(forCatalog)
  const [rows, pieces, tables] = await Promise.all([
    tx.query<{ rule: string; object: string; detail: string }>(raw(statement)),
    readPieces(tx),
    tx.one<{ tables: number }>(raw(`${sets} select count(*)::int as tables from tenant`)),
  ])
  const drift = await versionFinding(tx, manifest.schema_version)
  const broken = rows.filter(({ rule }) => !(options.is_embedded && rule === 'O08'))
  const findings = [
    ...broken.map(({ rule, object, detail }) => found(rule, object, detail)),
    // A database that is ahead of this code has pieces this code cannot know: the rules above still hold for it.
    ...(drift.is_ahead ? [] : differences(manifest, pieces).map(asFinding)),
    ...drift.findings,
  ]
  const is_bad = findings.some(({ severity }) => severity === 'error')
  const fingerprint = createHash('sha256').update(JSON.stringify(pieces)).digest('hex')
  return { status: is_bad ? 'findings' : 'ok', rules: rules.length, ...tables, findings, fingerprint }
}

function found(rule: string, object: string, message: string): TenancyFinding {
  return { rule, severity: rules.find(({ id }) => id === rule)?.severity ?? 'error', object, message }
}

function asFinding({ part, name, kind, wanted: before, found: now }: Difference): TenancyFinding {
  const rule = manifestRules.find((one) => one.part === part)?.id ?? 'X00'
  const words = {
    missing: `missing: ${before}`,
    unknown: `not in the manifest: ${now}`,
    changed: `is ${now}, not ${before}`,
  }
  return found(rule, name, words[kind])
}

async function versionFinding(tx: SystemTx, known: string) {
  const version = await tx
    .attempt(() => tx.one<{ version: string | null }>(sql`select app.schema_version() as version`))
    .then(
      (row) => row.version ?? 'none',
      () => 'unknown',
    )
  const is_ahead = /^\d{14}$/.test(version) && version > known
  const findings =
    is_ahead || version === known ? [] : [found('X00', `schema ${version}`, `this code expects ${known}`)]
  return { is_ahead, findings }
}
