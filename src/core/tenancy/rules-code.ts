// Audit rules about views, functions, triggers and rewrite rules.
import { definerFunctions } from './expected.ts'
import { quoted, type Rule } from './rules.ts'
import { runsAsOwner } from './rules-own.ts'

export const codeRules: readonly Rule[] = [
  {
    id: 'V01',
    title: 'every view uses security_invoker; there are no materialised views or foreign tables',
    why: 'A view without security_invoker bypasses the policies of its reader.',
    fix: 'create view … with (security_invoker = true)',
    splinter: '0010_security_definer_view, 0016_materialized_view_in_api, 0017_foreign_table_in_api',
    sql: `select r.oid::regclass::text as object, case r.relkind when 'v' then 'view without security_invoker'
        when 'm' then 'materialised view' else 'foreign table' end as detail
      from relations r where r.nspname <> 'pgboss' and ${runsAsOwner('r')}`,
  },
  {
    id: 'P01',
    title: 'SECURITY DEFINER functions are those of the list, in the schema app',
    why: 'They bypass row-level security.',
    fix: 'alter function … security invoker, or add it to src/core/tenancy/expected.ts and give the reason in the migration.',
    splinter: '0028_anon_security_definer_function_executable',
    sql: `select f.signature as object, 'runs as ' || pg_get_userbyid(f.proowner) as detail from functions f
      where f.prosecdef and not (f.nspname = 'app' and f.proname in (${quoted(definerFunctions)}))`,
  },
  {
    id: 'P02',
    title: 'every function sets its search_path, or was parsed at its creation (aggregates consist of such functions)',
    why: "The caller's own table or operator could be used instead.",
    fix: "alter function … set search_path = ''",
    splinter: '0011_function_search_path_mutable',
    sql: `select f.signature as object, 'search_path is the caller''s' as detail from functions f
      where f.prosqlbody is null and f.prokind <> 'a' and not coalesce(f.proconfig @> array['search_path=""'], false)`,
  },
  {
    id: 'P03',
    title: 'no function is leakproof',
    why: 'A leakproof function runs on rows before the policies are checked.',
    fix: 'alter function … not leakproof',
    sql: `select f.signature as object, 'leakproof' as detail from functions f where f.proleakproof`,
  },
  {
    id: 'G01',
    title: 'no table has a rewrite rule',
    why: 'Rewrite rules change statements and run with the privileges of the table owner.',
    fix: 'drop rule … on …',
    sql: `select w.rulename || ' on ' || r.oid::regclass::text as object, 'rule' as detail
      from pg_rewrite w join relations r on r.oid = w.ev_class where r.relkind in ('r', 'p')`,
  },
  {
    id: 'G02',
    title: 'every trigger is enabled, including those of foreign keys',
    why: 'A foreign key with a disabled trigger is not checked.',
    fix: 'alter table … enable trigger all',
    sql: `select t.tgname || ' on ' || r.oid::regclass::text as object, 'switched off' as detail
      from pg_trigger t join relations r on r.oid = t.tgrelid where r.nspname <> 'pgboss' and t.tgenabled <> 'O'`,
  },
  {
    id: 'X03',
    title: 'the server has the minor version that fixes known leaks past row-level security',
    why: 'CVE-2023-2455, CVE-2024-10976, CVE-2025-8713: plans and statistics revealed rows that policies hide.',
    fix: 'Update PostgreSQL to the newest minor version.',
    severity: 'warning',
    sql: `select 'PostgreSQL ' || current_setting('server_version') as object, 'at least ' || f.name || ' is needed' as detail
      from (values (15, 150014, '15.14'), (16, 160010, '16.10'), (17, 170006, '17.6')) f (major, floor, name)
      where current_setting('server_version_num')::int / 10000 = f.major and current_setting('server_version_num')::int < f.floor`,
  },
]
