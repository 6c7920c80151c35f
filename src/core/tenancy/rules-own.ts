// Objects that are not ours in the schema public: which are harmless, and rules for those that are not.
import type { Rule } from './rules.ts'

const isBuiltIn = (catalog: string, column: string, name: string) =>
  `exists (select from ${catalog} b where b.${column} = ${name} and b.oid < 16384)`
const isFromExtension = (catalog: string, oid: string) =>
  `exists (select from from_extension e where e.classid = '${catalog}'::regclass and e.objid = ${oid})`

/** A condition: reading the relation is not checked with the rights and policies of its reader. */
export const runsAsOwner = (relation: string) => `(${relation}.relkind in ('m', 'f') or (${relation}.relkind = 'v'
  and not coalesce(${relation}.reloptions && array['security_invoker=true', 'security_invoker=on', 'security_invoker=1'], false)))`

/**
 * `own_relations`, `own_functions`: objects in public that no rule but X07 applies to. Our roles have no rights on them, they
 * do not run with the rights of their owner for another role, our tables do not use them, and no statement of ours can
 * resolve a name to them. PUBLIC may call every new function, so that right alone does not count.
 */
export const ownSets = `,
  relation_grants as (
    select c.oid, c.relowner as owner, x.grantee from pg_class c cross join lateral aclexplode(c.relacl) x
    union all
    select c.oid, c.relowner, x.grantee from pg_attribute a join pg_class c on c.oid = a.attrelid cross join lateral aclexplode(a.attacl) x),
  granted_relations as (
    select g.oid from relation_grants g where g.grantee = 0 or g.grantee in (select oid from roles)),
  descendants (oid, ancestor) as (
    select i.inhrelid, i.inhparent from pg_inherits i
    union
    select i.inhrelid, d.ancestor from descendants d join pg_inherits i on i.inhparent = d.oid),
  own_relations as (
    select c.oid from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
      and not ${isFromExtension('pg_class', 'c.oid')}
      and c.relowner not in (select oid from roles)
      and c.oid not in (select oid from granted_relations)
      and not exists (select from descendants d where d.oid = c.oid and d.ancestor in (select oid from granted_relations))
      and not (c.relkind = 'S' and exists (select from pg_depend d
        where d.objid = c.oid and d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass))
      and not (${runsAsOwner('c')} and exists (select from relation_grants g where g.oid = c.oid and g.grantee <> g.owner))),
  called_functions as (
    select d.refobjid as oid from pg_depend d
    left join pg_constraint k on d.classid = 'pg_constraint'::regclass and k.oid = d.objid
    left join pg_attrdef f on d.classid = 'pg_attrdef'::regclass and f.oid = d.objid
    left join pg_index i on d.classid = 'pg_class'::regclass and i.indexrelid = d.objid
    where d.refclassid = 'pg_proc'::regclass
      and coalesce(nullif(k.conrelid, 0), f.adrelid, i.indrelid) not in (select oid from own_relations)),
  own_functions as (
    select p.oid from pg_proc p
    where p.pronamespace = 'public'::regnamespace and not p.prosecdef and not p.proleakproof
      and not ${isFromExtension('pg_proc', 'p.oid')}
      and p.proowner not in (select oid from roles)
      and not exists (select from aclexplode(p.proacl) x where x.grantee in (select oid from roles))
      and p.oid not in (select oid from called_functions)
      and not ${isBuiltIn('pg_proc', 'proname', 'p.proname')}),
  own_operators as (
    select o.oid, ${isBuiltIn('pg_operator', 'oprname', 'o.oprname')} as is_shadow from pg_operator o
    where o.oprnamespace = 'public'::regnamespace and not ${isFromExtension('pg_operator', 'o.oid')})`

/** A condition: the type is built in, or the row type of a table of ours. */
const isOurType = (type: string) =>
  `(${type}.typnamespace = 'pg_catalog'::regnamespace or ${type}.typrelid in (select oid from tables))`

export const ownObjectRules: readonly Rule[] = [
  {
    id: 'P04',
    title: 'no function or operator in the schema public has the name of a built-in one',
    why: 'PostgreSQL may choose it for a statement, because its argument types match better.',
    fix: 'Rename it, or move it to a schema of its own.',
    sql: `select f.signature as object, 'has the name of a built-in function' as detail from functions f
        where f.nspname = 'public' and ${isBuiltIn('pg_proc', 'proname', 'f.proname')}
      union all select o.oid::regoperator::text, 'has the name of a built-in operator' from own_operators o where o.is_shadow`,
  },
  {
    id: 'P05',
    title: 'no cast was added between built-in types and the row types of our tables',
    why: 'A cast changes which operator or function a statement uses, and can call code.',
    fix: 'drop cast (… as …)',
    sql: `select format('cast (%s as %s)', s.oid::regtype, t.oid::regtype) as object, 'was added' as detail
      from pg_cast c join pg_type s on s.oid = c.castsource join pg_type t on t.oid = c.casttarget
      where c.oid >= 16384 and not ${isFromExtension('pg_cast', 'c.oid')} and ${isOurType('s')} and ${isOurType('t')}`,
  },
  {
    id: 'X07',
    title: "the schema public has no objects of the operator's own",
    why: 'They can stop a migration that changes what they use, and a right for one of our roles makes them a finding.',
    fix: 'Move them to a schema of their own.',
    severity: 'warning',
    sql: `select c.oid::regclass::text as object, 'not of the migrations' as detail from pg_class c where c.oid in (select oid from own_relations)
      union all select p.oid::regprocedure::text, 'not of the migrations' from pg_proc p where p.oid in (select oid from own_functions)
      union all select o.oid::regoperator::text, 'not of the migrations' from own_operators o where not o.is_shadow`,
  },
]
