// Every list with rows of maximum size: a page ends at its byte limit, and no row is lost.
// One engine is enough: the sizes do not depend on it.

import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { sealAudit } from '../../src/core/events/sealer.ts'
import { castProperties, north, players } from '../cast.ts'
import { cast } from '../harness.ts'
import { dereference } from '../openapi-document.ts'

/** 512 KiB of rows, and the names of the fields. */
const most_bytes = 600 * 1024
/** For the overview, which has all properties of a calendar. */
const most_overview_bytes = 2.1 * 1024 * 1024
const rows = 110
/** Properties with short names besides: a page of the overview has room for some hundred full ones. */
const more = 450
/** Four bytes in UTF-8. */
const wide = '🏡'

const { admin, store, app } = await cast()
const id = (kind: string, n: number) => `${kind}-0000-7000-8000-${String(n).padStart(12, '0')}`
const booking = id('0000009b', 1)
const guest = id('0000009a', 1)

/** With every second night taken, for the longest range. */
const range = 'from=2031-01-01&to=2031-04-11'

/** Path and number of rows of each list, and whether the rows exceed a page's byte limit. */
const lists: Readonly<Record<string, { readonly path: string; readonly rows: number; readonly is_large: boolean }>> = {
  '/api/v1/audit-log': { path: 'audit-log?action=test.long', rows, is_large: true },
  '/api/v1/availability/overview': { path: `availability/overview?${range}`, rows: rows + more + 3, is_large: true },
  '/api/v1/availability/blocks': { path: 'availability/blocks?', rows, is_large: false },
  '/api/v1/bookings': { path: 'bookings?', rows, is_large: true },
  '/api/v1/bookings/{id}/history': { path: `bookings/${booking}/history?`, rows, is_large: true },
  '/api/v1/changes': { path: 'changes?', rows, is_large: false },
  '/api/v1/conflicts': { path: 'conflicts?', rows, is_large: false },
  '/api/v1/guests': { path: 'guests?', rows, is_large: false },
  '/api/v1/guests/{id}/bookings': { path: `guests/${guest}/bookings?`, rows, is_large: false },
  '/api/v1/holds': { path: 'holds?', rows, is_large: false },
  '/api/v1/me/views': { path: 'me/views?', rows, is_large: false },
  '/api/v1/photos': { path: 'photos?', rows, is_large: false },
  '/api/v1/properties': { path: 'properties?', rows: rows + more + 3, is_large: true },
  '/api/v1/search': { path: 'search?check_in=2035-01-01&check_out=2035-01-03', rows: rows + more + 3, is_large: false },
  '/api/v1/team': { path: 'team?', rows: 8, is_large: false },
  '/api/v1/team/invitations': { path: 'team/invitations?', rows, is_large: false },
}

before(async () => {
  const many = `generate_series(1, ${rows}) n`
  const own = `'${north}'::uuid`
  const uuid = (kind: string) => `('${kind}-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid`
  const text = (length: number) => `repeat('${wide}', ${length})`
  await store.owner.query(`insert into properties (agency_id, id, name, property_type, max_guests, currency, description, city)
    select ${own}, ${uuid('0000009c')}, n || ${text(200)}, 'house', 4, 'EUR', ${text(10_000)}, ${text(100)} from ${many}`)
  await store.owner.query(`insert into properties (agency_id, id, name, property_type, max_guests, currency)
    select ${own}, ${uuid('0000009c')}, 'Short ' || n, 'house', 4, 'EUR' from generate_series(${rows + 1}, ${rows + more}) n`)
  await store.owner.query(`insert into guests (agency_id, id, first_name, last_name)
    select ${own}, ${uuid('0000009a')}, ${text(100)}, n || ${text(90)} from ${many}`)
  await store.owner.query(`insert into bookings (agency_id, id, property_id, guest_id, reference, check_in, check_out,
      num_adults, status, currency, subtotal_cents, total_cents, guest_message, internal_notes)
    select ${own}, ${uuid('0000009b')}, '${castProperties.town.id}', '${guest}', 'T' || lpad(n::text, 9, '0'), '2031-01-01', '2031-01-03',
      1, 'inquiry', 'EUR', 0, 0, ${text(5000)}, ${text(5000)} from ${many}`)
  await store.owner.query(`insert into audit_log (agency_id, id, actor_id, actor_role, action, entity_type, entity_id, before)
    select ${own}, gen_random_uuid(), '${players.admin.user_id}', 'admin', 'test.long', 'booking', '${booking}',
      jsonb_build_object('text', ${text(10_000)}) from ${many}`)
  await store.owner.query(`insert into blocks (agency_id, id, property_id, start_date, end_date, reason, notes)
    select ${own}, ${uuid('0000009d')}, '${castProperties.lake.id}', '2031-01-01'::date + 2 * n, '2031-01-02'::date + 2 * n, 'other',
      ${text(1000)} from ${many}`)
  await store.owner.query(`insert into occupancies (agency_id, id, property_id, kind, during)
    select ${own}, gen_random_uuid(), ${uuid('0000009c')}, 'channel',
      daterange('2031-01-01'::date + 2 * d, '2031-01-02'::date + 2 * d) from generate_series(1, ${rows + more}) n, generate_series(0, 49) d`)
  await store.owner.query(`insert into holds (agency_id, id, property_id, check_in, check_out, notes, expires_at)
    select ${own}, ${uuid('0000009e')}, '${castProperties.lake.id}', '2031-01-01', '2031-01-03', ${text(1000)}, now() from ${many}`)
  await store.owner.query(`insert into saved_views (agency_id, id, user_id, list, name, filters)
    select ${own}, gen_random_uuid(), '${players.admin.user_id}', 'properties', n || ${text(50)}, jsonb_build_object('q', ${text(100)})
    from ${many}`)
  await store.owner.query(`insert into booking_conflicts (agency_id, id, kind, property_id, source, external_code, check_in,
      check_out, facts, guest_id)
    select ${own}, gen_random_uuid(), 'overlap', '${castProperties.lake.id}', 'airbnb', n || ${text(190)}, '2031-01-01', '2031-01-03',
      jsonb_build_object('listing', ${text(255)}, 'currency', 'EUR'), '${guest}' from ${many}`)
  await store.owner.query(`insert into property_photos (agency_id, id, property_id, position, alt_text, status, media_key, width, height)
    select ${own}, ${uuid('000000a0')}, ${uuid('0000009c')}, 1, ${text(300)}, 'ready', repeat('x', 22), 4000, 3000 from ${many}`)
  await store.owner.query(`insert into team_invitations (agency_id, id, email, full_name, role, token_hash, expires_at)
    select ${own}, ${uuid('0000009f')}, n || '@' || ${text(200)}, ${text(200)}, 'staff',
      sha256(n::text::bytea), now() + interval '1 day' from ${many}`)
  await sealAudit(store.db)
  await store.owner.query('analyze')
})

test('the table contains every list of the API', () => {
  type Path = { get?: { parameters?: { name?: string }[] } }
  const { paths } = dereference<{ paths: Record<string, Path> }>(app.swagger())
  const found = Object.entries(paths).filter(([, { get }]) =>
    get?.parameters?.some(({ name }) => name === 'cursor' || name === 'after'),
  )
  assert.deepEqual(found.map(([path]) => path).sort(), Object.keys(lists).sort())
})

for (const [name, { path, rows: wanted, is_large }] of Object.entries(lists)) {
  test(`${name}: a page ends at its byte limit, and the pages have each row once`, async () => {
    const most = name.endsWith('/overview') ? most_overview_bytes : most_bytes
    const limit = name.endsWith('/overview') ? 5000 : 100
    const seen: string[] = []
    const parameter = name.endsWith('/changes') ? 'after' : 'cursor'
    let pages = 0
    for (let cursor = ''; ; pages += 1) {
      const { status, text, body } = await admin.get(`${path}&limit=${limit}${cursor && `&${parameter}=${cursor}`}`)
      assert.equal(status, 200, text.slice(0, 500))
      assert.ok(Buffer.byteLength(text) <= most, `${Buffer.byteLength(text)} bytes in ${body.items.length} rows`)
      seen.push(...body.items.map((item: Record<string, string>) => item.id ?? item.property_id ?? item.user_id))
      if (body.next_cursor === null) break
      assert.ok(body.items.length > 0, 'an empty page has no next cursor')
      cursor = encodeURIComponent(body.next_cursor)
    }
    assert.deepEqual([seen.length, new Set(seen).size], [wanted, wanted])
    assert.equal(pages + 1 > Math.ceil(wanted / limit), is_large)
  })
}

test('a row larger than the limit is a page of its own', async () => {
  const { owner } = store
  await owner.query(
    `insert into audit_log (agency_id, id, actor_id, actor_role, action, entity_type, entity_id, before)
     select $1, gen_random_uuid(), $2, 'admin', 'test.huge', 'test', gen_random_uuid(),
       jsonb_build_object('text', repeat('x', 700000)) from generate_series(1, 2)`,
    [north, players.admin.user_id],
  )
  const first = await admin.get('audit-log?action=test.huge')
  assert.equal(first.body.items.length, 1)
  const second = await admin.get(`audit-log?action=test.huge&cursor=${first.body.next_cursor}`)
  assert.equal(second.status, 200, second.text.slice(0, 300))
  assert.deepEqual([second.body.items.length, second.body.next_cursor], [1, null])
})
