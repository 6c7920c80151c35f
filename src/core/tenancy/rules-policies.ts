// Audit rules about row-level security and policies.
import { systemPolicies } from './expected.ts'
import { definer, isExpectedRole, quoted, type Rule, system, tenant } from './rules.ts'

/** A condition: the policy applies to the tenant role. */
const appliesToTenant = `exists (select from unnest(p.polroles) g where g = 0 or g = (select oid from roles where name = '${tenant}'))`
const policy_name = "t.relname || '.' || p.polname"

export const policyRules: readonly Rule[] = [
  {
    id: 'R01',
    title: 'row-level security is enabled for every table of the public schema',
    why: 'Without it a statement without a filter returns rows of all agencies.',
    fix: "select app.protect('…'), or alter table … enable row level security",
    splinter: '0013_rls_disabled_in_public',
    sql: `select t.oid::regclass::text as object, 'row-level security is off' as detail from tables t where not t.relrowsecurity`,
  },
  {
    id: 'R02',
    title: 'row-level security is forced for every table of the public schema',
    why: 'The table owner bypasses policies that are not forced.',
    fix: 'alter table … force row level security',
    sql: `select t.oid::regclass::text as object, 'not forced' as detail from tables t where not t.relforcerowsecurity`,
  },
  {
    id: 'R03',
    title: 'every command granted to the tenant role has a permissive policy',
    why: 'A grant without a policy has no effect, and may be fixed wrongly with USING (true).',
    fix: 'Add the tenant policy or revoke the grant.',
    splinter: '0008_rls_enabled_no_policy',
    sql: `select t.oid::regclass::text as object, c.name || ' is granted, but no policy allows it' as detail
      from tables t cross join (values ('SELECT', 'r'), ('INSERT', 'a'), ('UPDATE', 'w'), ('DELETE', 'd')) c (name, code)
      where has_table_privilege((select oid from roles where name = '${tenant}'), t.oid, c.name)
        and not exists (select from pg_policy p where p.polrelid = t.oid and p.polpermissive and p.polcmd in ('*', c.code::"char")
          and ${appliesToTenant})`,
  },
  {
    id: 'R04',
    title: 'the permissive policy of a tenant table compares the agency with the claims only',
    why: 'Another expression may allow rows of another agency.',
    fix: "select app.protect('…') creates it",
    sql: `select ${policy_name} as object, pg_get_expr(p.polqual, t.oid) || ' / ' || coalesce(pg_get_expr(p.polwithcheck, t.oid), '(none)') as detail
      from pg_policy p join tenant t on t.oid = p.polrelid
      cross join lateral (select format('(%s = ( SELECT app.agency_id() AS agency_id))', a.attname) as text
        from pg_attribute a where a.attrelid = t.oid and a.attnum = t.key) wanted
      where p.polpermissive and ${appliesToTenant}
        and (p.polcmd <> '*' or pg_get_expr(p.polqual, t.oid) is distinct from wanted.text
          or pg_get_expr(p.polwithcheck, t.oid) is distinct from wanted.text)`,
  },
  {
    id: 'R05',
    title: 'no policy is for PUBLIC',
    why: 'It applies to every present and future role.',
    fix: `create policy … to ${tenant}`,
    sql: `select t.oid::regclass::text || '.' || p.polname as object, 'for PUBLIC' as detail
      from pg_policy p join relations t on t.oid = p.polrelid where 0 = any (p.polroles)`,
  },
  {
    id: 'R06',
    title: 'a tenant table has exactly one permissive policy for the tenant role',
    why: 'Permissive policies are combined with OR: a second one can only allow more rows.',
    fix: 'Make the second policy RESTRICTIVE.',
    splinter: '0006_multiple_permissive_policies',
    sql: `select t.oid::regclass::text as object, count(p.oid) || ' permissive policies' as detail
      from tenant t left join pg_policy p on p.polrelid = t.oid and p.polpermissive and ${appliesToTenant}
      group by t.oid having count(p.oid) <> 1`,
  },
  {
    id: 'R07',
    title: 'no policy reads user_metadata',
    why: 'Users can edit their own user_metadata.',
    fix: 'Read app_metadata, or the membership.',
    splinter: '0015_rls_references_user_metadata',
    sql: `select t.oid::regclass::text || '.' || p.polname as object, 'reads user_metadata' as detail
      from pg_policy p join relations t on t.oid = p.polrelid
      where concat(pg_get_expr(p.polqual, t.oid), pg_get_expr(p.polwithcheck, t.oid)) like '%user_metadata%'`,
  },
  {
    id: 'R08',
    title: 'policies of the system role on tenant tables are limited and listed',
    why: 'The API uses this role before an agency is known.',
    fix: 'Limit the policy, and add it with its reason to src/core/tenancy/expected.ts.',
    sql: `select ${policy_name} as object, coalesce(pg_get_expr(p.polqual, t.oid), 'no condition') as detail
      from pg_policy p join tables t on t.oid = p.polrelid
      where p.polpermissive and (select oid from roles where name = '${system}') = any (p.polroles)
        and (pg_get_expr(p.polqual, t.oid) is not distinct from 'true' or p.polcmd in ('*', 'a')
          or ${policy_name} not in (${quoted(Object.keys(systemPolicies))}))`,
  },
  {
    id: 'R09',
    title: `policies are for ${tenant}, ${system} and ${definer} only`,
    why: 'The rules do not cover policies for other roles.',
    fix: 'drop policy …',
    sql: `select t.oid::regclass::text || '.' || p.polname as object, 'for ' || pg_get_userbyid(g) as detail
      from pg_policy p join tables t on t.oid = p.polrelid cross join lateral unnest(p.polroles) g
      where g <> 0 and not ${isExpectedRole('g')}`,
  },
]
