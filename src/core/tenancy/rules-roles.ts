// Audit rules about roles, ownership and grants.
import { definerFunctions, gatewayRoles, tenantDefinerFunctions } from './expected.ts'
import { definer, grantee, isExpectedRole, ours, quoted, type Rule, system, tenant } from './rules.ts'

export const roleRules: readonly Rule[] = [
  {
    id: 'O01',
    title: 'the roles of requests exist, cannot log in and have no special attributes',
    why: 'A superuser or a role with BYPASSRLS bypasses all policies.',
    fix: 'alter role … nosuperuser nobypassrls nocreaterole nocreatedb noreplication nologin',
    sql: `select w.name as object, case when r.oid is null then 'missing' else concat_ws(', ',
        case when r.rolsuper then 'superuser' end, case when r.rolbypassrls then 'bypasses row-level security' end,
        case when r.rolcreaterole then 'creates roles' end, case when r.rolcreatedb then 'creates databases' end,
        case when r.rolreplication then 'replicates' end, case when r.rolcanlogin then 'may log in' end) end as detail
      from unnest(array[${ours}]) w (name) left join pg_roles r on r.rolname = w.name
      where r.oid is null or r.rolsuper or r.rolbypassrls or r.rolcreaterole or r.rolcreatedb or r.rolreplication or r.rolcanlogin`,
  },
  {
    id: 'O02',
    title: 'the roles of requests are members of no other role',
    why: 'They would have the privileges of that role.',
    fix: 'revoke … from …',
    sql: `select pg_get_userbyid(m.member) as object, 'is a member of ' || pg_get_userbyid(m.roleid) as detail
      from pg_auth_members m where ${isExpectedRole('m.member')}`,
  },
  {
    id: 'O03',
    title: `the roles of requests own nothing, except the listed functions of ${definer} and ${system}`,
    why: 'An owner can disable row-level security.',
    fix: 'alter … owner to the owner of the schema',
    sql: `select c.oid::regclass::text as object, 'belongs to ' || pg_get_userbyid(c.relowner) as detail
        from pg_class c where ${isExpectedRole('c.relowner')}
      union all select n.nspname, 'belongs to ' || pg_get_userbyid(n.nspowner) from pg_namespace n where ${isExpectedRole('n.nspowner')}
      union all select p.oid::regprocedure::text, 'belongs to ' || pg_get_userbyid(p.proowner) from pg_proc p
        where ${isExpectedRole('p.proowner')}
          and (p.proname not in (${quoted(definerFunctions)}) or p.proowner = (select oid from roles where name = '${tenant}'))`,
  },
  {
    id: 'O04',
    title: 'only the owner has TRUNCATE, REFERENCES, TRIGGER and MAINTAIN',
    why: 'TRUNCATE ignores policies; foreign keys and triggers can access other rows.',
    fix: 'revoke truncate, references, trigger on … from …',
    sql: `select x.object, ${grantee} || ' may ' || x.privilege_type as detail from granted x
      where x.grantee <> x.owner and x.privilege_type in ('TRUNCATE', 'REFERENCES', 'TRIGGER', 'MAINTAIN')`,
  },
  {
    id: 'O05',
    title: 'only the owner can create objects in a schema',
    why: 'A table or function of another role could be used instead of the intended one.',
    fix: 'revoke create on schema … from …',
    sql: `select x.object, ${grantee} || ' may create' as detail from granted x
      where x.grantee <> x.owner and x.object = x.nspname and x.privilege_type = 'CREATE'
        and x.grantee not in (select relowner from tables)
        and x.grantee not in (select oid from pg_roles where rolsuper or rolname = 'pg_database_owner')`,
  },
  {
    id: 'O06',
    title: `PUBLIC and unknown roles hold nothing on tables, columns and functions; the job queue is for ${system} alone`,
    why: 'Any role that can connect could read or call it.',
    fix: 'revoke all on … from …',
    sql: `select x.object, ${grantee} || ' may ' || x.privilege_type as detail from granted x
      where x.object <> x.nspname and x.grantee <> x.owner
        and (not ${isExpectedRole('x.grantee')} or (x.nspname = 'pgboss' and x.grantee <> (select oid from roles where name = '${system}')))
        and x.grantee not in (select oid from pg_roles where rolsuper)`,
  },
  {
    id: 'O07',
    title: 'there are no default privileges',
    why: 'New tables would have privileges that no migration granted.',
    fix: 'alter default privileges … revoke …',
    splinter: '0024_permissive_default_privileges',
    sql: `select coalesce(d.defaclnamespace::regnamespace::text, 'all schemas') as object,
        ${grantee} || ' would get ' || x.privilege_type || ' on new objects of type ' || d.defaclobjtype::text as detail
      from pg_default_acl d cross join lateral aclexplode(d.defaclacl) x
      where (d.defaclnamespace = 0 or d.defaclnamespace in (select oid from schemas))
        and (x.grantee = 0 or ${isExpectedRole('x.grantee')}) and d.defaclobjtype in ('r', 'f', 'n')`,
  },
  {
    id: 'O08',
    title: 'the login role of the API owns nothing and cannot bypass policies',
    why: 'A statement outside a tenant transaction would access all agencies.',
    fix: 'Give the API its own login role: docs/configuration.md, "Roles".',
    severity: 'warning',
    sql: `select r.rolname as object, case when r.rolsuper then 'superuser' when r.rolbypassrls then 'bypasses row-level security'
        else 'owns tables of the public schema' end as detail
      from pg_roles r where r.rolname = session_user
        and (r.rolsuper or r.rolbypassrls or exists (select from tables t where t.relowner = r.oid))`,
  },
  {
    id: 'O09',
    title: `${tenant} cannot call cross-tenant functions`,
    why: 'SECURITY DEFINER functions bypass the policies of the caller.',
    fix: 'revoke execute on function … from …',
    splinter: '0029_authenticated_security_definer_function_executable',
    sql: `select f.signature as object, '${tenant} may call it' as detail from functions f
      where f.prosecdef and f.proname not in (${quoted(tenantDefinerFunctions)})
        and has_function_privilege((select oid from roles where name = '${tenant}'), f.oid, 'execute')`,
  },
  {
    id: 'O10',
    title: `only ${definer} can read passwords and session secrets`,
    why: 'A readable hash can be attacked offline.',
    fix: 'revoke select on … from …',
    sql: `select t.relname || '.' || a.attname as object, r.name || ' may read it' as detail
      from tables t join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped cross join roles r
      where r.name in ('${tenant}', '${system}') and has_column_privilege(r.oid, t.oid, a.attnum, 'select')
        and ((t.relname = 'users' and a.attname in ('password_hash', 'auth_subject')) or t.relname in ('account_tokens', 'mail_messages', 'refresh_tokens', 'sessions'))`,
  },
  {
    id: 'O11',
    title: 'the audit log and its seals are append-only',
    why: 'A role that can change the log can hide its actions.',
    fix: 'revoke update, delete on audit_log, audit_seals from …',
    sql: `select x.object, ${grantee} || ' may ' || x.privilege_type as detail from granted x
      where x.name in ('audit_log', 'audit_seals') and x.grantee <> x.owner and x.privilege_type in ('UPDATE', 'DELETE')`,
  },
  {
    id: 'O12',
    title: 'no role or database has default settings for the identity',
    why: 'A default for claims or role would apply to every connection that sets none.',
    fix: 'alter role … reset …, alter database … reset …',
    sql: `select coalesce(r.rolname, 'every role') || ' in ' || coalesce(d.datname, 'every database') as object, s.setting as detail
      from pg_db_role_setting c left join pg_roles r on r.oid = c.setrole left join pg_database d on d.oid = c.setdatabase
      cross join lateral unnest(c.setconfig) s (setting)
      where (c.setdatabase = 0 or d.datname = current_database())
        and s.setting ~* '^(role|row_security|session_replication_role|request\\..*|app\\..*)='`,
  },
  {
    id: 'O13',
    title: 'the roles of requests and the login role of the API cannot create temporary tables',
    why: 'A temporary table could be read instead of a table that a later version adds.',
    fix: 'revoke temporary on database … from public',
    severity: 'warning',
    sql: `select r.rolname as object, 'may make temporary tables in ' || current_database() as detail
      from pg_roles r where (${isExpectedRole('r.oid')} or r.rolname = session_user) and not r.rolsuper
        and pg_get_userbyid((select datdba from pg_database where datname = current_database())) <> r.rolname
        and has_database_privilege(r.oid, current_database(), 'TEMP')`,
  },
  {
    id: 'O14',
    title: 'the roles of gateways cannot become the roles of requests',
    why: 'A gateway that logs people in, such as the Data API of Supabase, would write past the checks of the API.',
    fix: 'revoke … from …',
    sql: `select g.rolname as object, 'may become ' || pg_get_userbyid(m.roleid) as detail
      from pg_auth_members m join pg_roles g on g.oid = m.member
      where g.rolname in (${quoted(gatewayRoles)}) and ${isExpectedRole('m.roleid')}`,
  },
  {
    id: 'O15',
    title: 'the roles of gateways cannot use our schemas',
    why: 'Rights that somebody grants on a table later would take effect.',
    fix: 'revoke all on schema … from …',
    severity: 'warning',
    sql: `select x.object, ${grantee} || ' may ' || x.privilege_type as detail from granted x
      join pg_roles g on g.oid = x.grantee where x.object = x.nspname and g.rolname in (${quoted(gatewayRoles)})`,
  },
]
