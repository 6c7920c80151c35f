// The catalog itself: every tenant table has its agency in every key, row-level security forced, and the one policy.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { openTestStore } from '../engines.ts'
import { tenantTables } from '../isolation/tables.ts'

const store = await openTestStore()
after(() => store.close())

/** Tables of the public schema that belong to no agency, and why. */
const exempt: Readonly<Record<string, string>> = {
  refresh_tokens: 'sessions belong to people; only the sign-in functions see them',
  sessions: 'sessions belong to people; only the sign-in functions see them',
  users: 'a person may work for several agencies; an agency sees its own members by a policy of its own',
}

async function names(text: string, values: unknown[] = []): Promise<string[]> {
  const { rows } = await store.owner.query(text, values)
  return rows.map((row) => Object.values(row).join(' '))
}

const tables = [...tenantTables.keys()].sort()

test('the list of tenant tables is the catalog, less the exempt ones', async () => {
  const found = await names(
    "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')",
  )
  assert.deepEqual(found.filter((name) => !(name in exempt)).sort(), tables)
})

test('every tenant table carries agency_id, not null', async () => {
  const found = await names(
    `select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid
     where c.relname = any($1) and a.attname = 'agency_id' and a.attnotnull`,
    [tables],
  )
  assert.deepEqual(
    found.sort(),
    tables.filter((name) => name !== 'agencies'),
  )
})

test('row-level security is on and forced everywhere', async () => {
  const weak = await names(
    `select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
     and not (relrowsecurity and relforcerowsecurity)`,
  )
  assert.deepEqual(weak, [])
})

test('each tenant table has exactly one permissive policy for the tenant role: its own agency, read and written', async () => {
  for (const table of tables) {
    const { rows } = await store.owner.query(
      `select pg_get_expr(polqual, polrelid) as qual, pg_get_expr(polwithcheck, polrelid) as checked
       from pg_policy where polrelid = $1::regclass and polpermissive and 'authenticated'::regrole = any(polroles)`,
      [table],
    )
    const expected = `(${tenantTables.get(table)} = ( SELECT app.agency_id() AS agency_id))`
    assert.deepEqual(rows, [{ qual: expected, checked: expected }], table)
  }
})

test('no policy is for everybody', async () => {
  assert.deepEqual(await names('select polname, polrelid::regclass from pg_policy where 0 = any(polroles)'), [])
})

test('every primary key, unique and exclusion constraint of a tenant table leads with the agency', async () => {
  const found = await names(
    `select c.relname, k.conname from pg_constraint k join pg_class c on c.oid = k.conrelid
     join pg_attribute a on a.attrelid = c.oid and a.attname = 'agency_id'
     where c.relname = any($1) and k.contype in ('p', 'u', 'x') and k.conkey[1] <> a.attnum`,
    [tables],
  )
  assert.deepEqual(found, [])
})

test('every foreign key between tenant tables carries the agency on both sides', async () => {
  const found = await names(
    `select k.conname from pg_constraint k
     join pg_attribute s on s.attrelid = k.conrelid and s.attname = 'agency_id'
     join pg_attribute r on r.attrelid = k.confrelid and r.attname = 'agency_id'
     where k.contype = 'f' and not exists (
       select from unnest(k.conkey, k.confkey) u(a, b) where u.a = s.attnum and u.b = r.attnum)`,
  )
  assert.deepEqual(found, [])
})

test('every foreign key of a tenant table is served by an index on its columns', async () => {
  const found = await names(
    `select k.conname from pg_constraint k where k.contype = 'f' and k.conrelid::regclass::text = any($1)
     and not exists (select from pg_index i where i.indrelid = k.conrelid
       and k.conkey <@ (i.indkey::int2[])[0:array_length(k.conkey, 1) - 1])
     and array_length(k.conkey, 1) > 1`,
    [tables],
  )
  assert.deepEqual(found, [])
})

test('the tenant role and the system role own nothing, bypass nothing and are no superusers', async () => {
  const strong = await names(
    `select rolname from pg_roles where rolname in ('authenticated', 'roost_auth', 'roost_system')
     and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication or rolcanlogin)`,
  )
  assert.deepEqual(strong, [])
  const owned = await names(
    `select relname from pg_class where relowner in ('authenticated'::regrole, 'roost_auth'::regrole, 'roost_system'::regrole)`,
  )
  assert.deepEqual(owned, [])
})

test('nobody but the owner may truncate, reference or add triggers, and PUBLIC may do nothing', async () => {
  const found = await names(
    `select c.relname, coalesce(g.rolname, 'public'), x.privilege_type
     from pg_class c cross join lateral aclexplode(c.relacl) x left join pg_roles g on g.oid = x.grantee
     where c.relnamespace = 'public'::regnamespace and x.grantee <> c.relowner
     and (x.grantee = 0 or x.privilege_type in ('TRUNCATE', 'REFERENCES', 'TRIGGER'))`,
  )
  assert.deepEqual(found, [])
})

test('the audit log can be added to and read, never changed', async () => {
  const found = await names(
    `select x.privilege_type from pg_class c cross join lateral aclexplode(c.relacl) x
     where c.relname = 'audit_log' and x.grantee = 'authenticated'::regrole order by 1`,
  )
  assert.deepEqual(found, ['INSERT', 'SELECT'])
})

test('no function can be misled by a search_path: pinned, or parsed when it was made; those that run as their definer are these', async () => {
  const loose = await names(
    `select proname from pg_proc where pronamespace = 'app'::regnamespace
     and prosqlbody is null and not coalesce(proconfig::text like '%search_path=%', false)`,
  )
  assert.deepEqual(loose, [])
  const definers = await names(
    "select proname from pg_proc where pronamespace = 'app'::regnamespace and prosecdef order by 1",
  )
  assert.deepEqual(definers, [
    'announce_event',
    'count_agencies',
    'end_all_sessions',
    'end_session',
    'ensure_user',
    'find_agency',
    'find_invitation',
    'list_agencies',
    'memberships_of',
    'purge_sessions',
    'rotate_refresh_token',
    'schema_version',
    'seal_audit',
    'sessions_of',
    'set_password',
    'sign_in_user',
    'start_session',
    'token_generation_of',
  ])
})

/** Takes the agency from the claims and writes to the job queue only. */
const forTenants = ['announce_event']

test('the tenant role may call none of the functions that look across agencies', async () => {
  const found = await names(
    `select p.proname from pg_proc p where p.pronamespace = 'app'::regnamespace and p.prosecdef
     and has_function_privilege('authenticated', p.oid, 'execute')`,
  )
  assert.deepEqual(found, forTenants)
})

test('the tables of tickets P1-11 to P1-13 have the indexes and constraints the tickets name', async () => {
  const indexes = await names("select indexdef from pg_indexes where schemaname = 'public'")
  const has = (text: string) =>
    assert.ok(
      indexes.some((definition) => definition.includes(text)),
      text,
    )
  has('audit_log USING btree (agency_id, created_at DESC, id DESC)')
  has('idempotency_keys USING btree (expires_at)')
  has('UNIQUE INDEX idempotency_keys_pkey ON public.idempotency_keys USING btree (agency_id, actor_id, key)')
  has('UNIQUE INDEX agency_features_name_key ON public.agency_features USING btree (agency_id, feature_name)')
})
