// Definitions that are printed and parsed again, as pg_dump and pg_restore do, equal those of the migrations.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { raw } from 'sql-template-tag'
import { openTestStore } from '../../../test/engines.ts'
import { findDifferences, readDefinitions } from './manifest.ts'
import { ownerTx } from './owner-tx.ts'

const store = await openTestStore()
after(() => store.close())

/** Statements that replace each object by its printed definition, in the form that pg_dump prints. */
const replacements = `
  with ours as (
    select c.oid, c.oid::regclass::text as name from pg_class c
    where c.relnamespace in ('public'::regnamespace, 'app'::regnamespace) and c.relkind in ('r', 'p'))
  select format('alter table %s drop constraint %I; alter table %s add constraint %I %s', o.name, k.conname, o.name, k.conname,
    pg_get_constraintdef(k.oid)) as text
  from pg_constraint k join ours o on o.oid = k.conrelid where k.contype = 'c'
  union all
  select format('drop policy %I on %s; create policy %I on %s as %s for %s to %s %s %s', p.polname, o.name, p.polname, o.name,
    case when p.polpermissive then 'permissive' else 'restrictive' end,
    case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' else 'all' end,
    (select string_agg(case g when 0 then 'public' else g::regrole::text end, ', ') from unnest(p.polroles) g),
    'using (' || pg_get_expr(p.polqual, o.oid) || ')', 'with check (' || pg_get_expr(p.polwithcheck, o.oid) || ')')
  from pg_policy p join ours o on o.oid = p.polrelid
  union all
  select format('drop trigger %I on %s; %s', t.tgname, o.name, pg_get_triggerdef(t.oid))
  from pg_trigger t join ours o on o.oid = t.tgrelid where not t.tgisinternal
  union all
  select format('drop index %s; %s', i.indexrelid::regclass, pg_get_indexdef(i.indexrelid))
  from pg_index i join ours o on o.oid = i.indrelid
  where (i.indpred is not null or i.indexprs is not null) and not exists (select from pg_constraint k where k.conindid = i.indexrelid)
  union all
  select pg_get_functiondef(f.oid) from pg_proc f where f.pronamespace = 'app'::regnamespace and f.prokind = 'f'`

test('definitions are equal after they were printed and parsed again', async () => {
  await ownerTx(store, async (tx) => {
    await tx.script("select set_config('search_path', 'pg_catalog', true)")
    const before = await readDefinitions(tx)
    const rows = await tx.query<{ text: string }>(raw(replacements))
    assert.ok(rows.length > 200, `${rows.length} definitions`)
    for (const { text } of rows) await tx.script(text)
    assert.deepEqual(findDifferences(before, await readDefinitions(tx)), [])
  })
})
