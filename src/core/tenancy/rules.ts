// The type of an audit rule, and the common table expressions that rules use.
import { agencyTable, roles, sharedTables } from './expected.ts'
import { ownSets } from './rules-own.ts'

/**
 * A query over the catalog that returns a row (object, detail) for each violation. The ids are those of the RLS design.
 * `splinter` names the corresponding lint of Supabase.
 */
export interface Rule {
  readonly id: string
  /** The condition that holds without findings. */
  readonly title: string
  /** The possible damage otherwise. */
  readonly why: string
  readonly fix: string
  readonly splinter?: string
  /** A warning does not affect readiness. */
  readonly severity?: 'warning'
  readonly sql: string
}

export const quoted = (names: Iterable<string>): string => [...names].map((name) => `'${name}'`).join(', ')

const { tenant, system, definer } = roles
const ours = quoted(Object.values(roles))

/**
 * Common table expressions: `tenant` (tables with an agency, and the number of that column), `functions` (of the schemas
 * public and app), `granted` (all privileges on relations, columns, functions and schemas). They leave out extensions and
 * harmless objects of the operator (rules-own.ts).
 */
export const sets = `
  with recursive schemas as (
    select oid, nspname from pg_namespace where nspname in ('public', 'app', 'pgboss')),
  roles as (
    select oid, rolname as name from pg_roles where rolname in (${ours})),
  from_extension as (
    select classid, objid from pg_depend where deptype = 'e')${ownSets},
  tables as (
    select c.oid, c.relname, c.relkind, c.relrowsecurity, c.relforcerowsecurity, c.relowner
    from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
      and c.oid not in (select oid from own_relations)
      and not exists (select from from_extension e where e.classid = 'pg_class'::regclass and e.objid = c.oid)),
  tenant as (
    select t.*, a.attnum as key, a.attnotnull as is_required from tables t
    left join pg_attribute a on a.attrelid = t.oid and not a.attisdropped
      and a.attname = case t.relname when '${agencyTable}' then 'id' else 'agency_id' end
    where t.relname not in (${quoted(Object.keys(sharedTables))})),
  functions as (
    select p.*, n.nspname, p.oid::regprocedure::text as signature from pg_proc p join schemas n on n.oid = p.pronamespace
    where n.nspname <> 'pgboss' and p.oid not in (select oid from own_functions)
      and not exists (select from from_extension e where e.classid = 'pg_proc'::regclass and e.objid = p.oid)),
  relations as (
    select c.*, n.nspname from pg_class c join schemas n on n.oid = c.relnamespace
    where c.oid not in (select oid from own_relations)
      and not exists (select from from_extension e where e.classid = 'pg_class'::regclass and e.objid = c.oid)),
  granted as (
    select r.nspname, r.oid::regclass::text as object, r.relname as name, x.grantee, x.privilege_type, r.relowner as owner
    from relations r cross join lateral aclexplode(r.relacl) x
    union all
    select r.nspname, r.oid::regclass::text || '.' || a.attname, r.relname, x.grantee, x.privilege_type, r.relowner
    from relations r join pg_attribute a on a.attrelid = r.oid and not a.attisdropped cross join lateral aclexplode(a.attacl) x
    union all
    select f.nspname, f.signature, f.proname, x.grantee, x.privilege_type, f.proowner
    from functions f cross join lateral aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) x
    union all
    select s.nspname, s.nspname, s.nspname, x.grantee, x.privilege_type, n.nspowner
    from schemas s join pg_namespace n on n.oid = s.oid cross join lateral aclexplode(n.nspacl) x)`

/** One query for all rules: (rule, object, detail). `more`: further table expressions, each after a comma. */
export const buildStatement = (rules: readonly Rule[], more = ''): string => `${sets}${more}, found as (${rules
  .map((rule) => `select '${rule.id}' as rule, q.object, q.detail from (${rule.sql}) q`)
  .join(' union all ')})
  select f.rule, f.object, f.detail from found f order by f.rule, f.object, f.detail`

/** The name of a grantee. PUBLIC has no row in pg_roles. */
export const grantee = "case x.grantee when 0 then 'PUBLIC' else pg_get_userbyid(x.grantee) end"

/** A condition: the role is one of expected.ts. */
export const isExpectedRole = (role: string): string => `${role} in (select oid from roles)`
export { definer, ours, system, tenant }
