// The manifest: the catalog objects that the migrations of this version create.
import { raw } from 'sql-template-tag'
import type { SystemTx } from '../postgres/transaction.ts'
import { grantee, sets } from './rules.ts'

/** Object name -> its definition as printed by the server; for `functions`, a SHA-256 fingerprint. */
export interface Manifest {
  /** Version of the newest migration in the manifest. */
  readonly schema_version: string
  readonly constraints: Readonly<Record<string, string>>
  readonly functions: Readonly<Record<string, string>>
  readonly grants: Readonly<Record<string, string>>
  readonly policies: Readonly<Record<string, string>>
  readonly triggers: Readonly<Record<string, string>>
}
export type Part = Exclude<keyof Manifest, 'schema_version'>
export type Definitions = Omit<Manifest, 'schema_version'>

/** Covers body, parsed body, settings, volatility, security, language and owner of a function. `owner`: an expression. */
export const fingerprintOf = (
  owner: string,
): string => `encode(sha256(convert_to(concat_ws('|', replace(f.prosrc, chr(13), ''), pg_get_function_sqlbody(f.oid),
  f.proconfig::text, f.provolatile, f.prosecdef, f.proleakproof, f.proisstrict, pg_get_function_result(f.oid),
  (select lanname from pg_language where oid = f.prolang),
  ${owner}), 'UTF8')), 'hex')`

/**
 * Objects of partitions are left out, so that a partitioned table gives the same result as a plain one. Expressions are printed
 * without redundant parentheses: a restored backup has others than the migrations, because `(a and b) and c` was parsed again.
 */
const statement = `${sets}
  select 'functions' as part, f.signature as name, ${fingerprintOf('(select name from roles where oid = f.proowner)')} as text from functions f
  union all
  select 'constraints', r.oid::regclass::text || '.' || k.conname,
    pg_get_constraintdef(k.oid, true) || case when k.contype = 'f' and not k.convalidated then ' (not valid)' else '' end
  from pg_constraint k join relations r on r.oid = k.conrelid where r.nspname <> 'pgboss' and k.contype in ('p', 'u', 'x', 'f', 'c') and k.conparentid = 0
  union all
  select 'constraints', i.indexrelid::regclass::text, replace(pg_get_indexdef(i.indexrelid, 0, true), ' ON ONLY ', ' ON ')
  from pg_index i join relations r on r.oid = i.indrelid
  where r.nspname <> 'pgboss' and i.indisunique and not exists (select from pg_constraint k where k.conindid = i.indexrelid)
  union all
  select 'policies', r.oid::regclass::text || '.' || p.polname, concat_ws(' ',
    case when p.polpermissive then 'permissive' else 'restrictive' end, p.polcmd,
    'to', (select string_agg(case g when 0 then 'PUBLIC' else pg_get_userbyid(g) end, ', ' order by 1) from unnest(p.polroles) g),
    'using ' || pg_get_expr(p.polqual, r.oid, true), 'check ' || pg_get_expr(p.polwithcheck, r.oid, true))
  from pg_policy p join relations r on r.oid = p.polrelid
  union all
  select 'triggers', r.oid::regclass::text || '.' || t.tgname, pg_get_triggerdef(t.oid, true)
  from pg_trigger t join relations r on r.oid = t.tgrelid where r.nspname <> 'pgboss' and not t.tgisinternal
  union all
  select 'grants', x.object || ' to ' || ${grantee}, string_agg(x.privilege_type, ', ' order by x.privilege_type)
  from granted x where x.nspname <> 'pgboss' and x.grantee <> x.owner and x.grantee in (select oid from roles)
  group by x.object, x.grantee
  order by 1, 2`

/** The search_path of `tx` must be pg_catalog only, so that names are printed with their schema. */
export async function readDefinitions(tx: SystemTx): Promise<Definitions> {
  const definitions: Record<Part, Record<string, string>> = {
    constraints: {},
    functions: {},
    grants: {},
    policies: {},
    triggers: {},
  }
  for (const { part, name, text } of await tx.query<{ part: Part; name: string; text: string }>(raw(statement)))
    definitions[part][name] = text
  return definitions
}

export interface Difference {
  readonly part: Part
  readonly name: string
  readonly kind: 'missing' | 'changed' | 'unknown'
  readonly wanted: string | undefined
  readonly found: string | undefined
}

/** Missing, changed and unknown definitions. Unknown constraints are ignored: they can only refuse more. */
export function findDifferences(wanted: Definitions, found: Definitions): Difference[] {
  const parts: readonly Part[] = ['constraints', 'functions', 'grants', 'policies', 'triggers']
  return parts.flatMap((part) => {
    const names = new Set([...Object.keys(wanted[part]), ...(part === 'constraints' ? [] : Object.keys(found[part]))])
    return [...names].sort().flatMap((name): Difference[] => {
      const [before, now] = [wanted[part][name], found[part][name]]
      if (before === now) return []
      const kind = now === undefined ? 'missing' : before === undefined ? 'unknown' : 'changed'
      return [{ part, name, kind, wanted: before, found: now }]
    })
  })
}
