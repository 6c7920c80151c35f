// The list of properties: paging during writes, cursors bound to their list, literal filters.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { castProperties, north, players, south } from '../../../test/cast.ts'
import { type Client, castPerTest, type Reply } from '../../../test/harness.ts'
import { must } from '../../../test/steps.ts'

const { admin, manager, staff, owner, outsider, bothAgencies, store } = await castPerTest()
const smallest = { property_type: 'room', max_guests: 1 }

async function create(client: Client, body: object): Promise<string> {
  return must(201, await client.post('properties', { ...smallest, ...body })).body.id
}

type Item = { id: string; name: string }
const idsOf = (reply: Reply): string[] => reply.body.items.map(({ id }: Item) => id)
const namesOf = (reply: Reply): string[] => must(200, reply).body.items.map(({ name }: Item) => name)

/** All ids of a list, page by page. `between` runs after each page. */
async function walk(client: Client, path: string, between: (page: number) => Promise<unknown> = async () => {}) {
  const ids: string[] = []
  const sizes: number[] = []
  let cursor = ''
  do {
    const reply = must(200, await client.get(cursor === '' ? path : `${path}&cursor=${cursor}`))
    ids.push(...idsOf(reply))
    sizes.push(reply.body.items.length)
    cursor = reply.body.next_cursor ?? ''
    await between(sizes.length)
  } while (cursor !== '')
  return { ids, sizes }
}

async function inOrder(agency_id: string): Promise<string[]> {
  const { rows } = await store.owner.query(
    'select id from properties where agency_id = $1 and deleted_at is null order by sort_name, id',
    [agency_id],
  )
  return rows.map(({ id }) => id as string)
}

/** The south agency then has 120. */
async function make119(): Promise<void> {
  // Repeated names need the id as tie-breaker; others sort differently by code point and by alphabet.
  const names = ['Alm', 'Zirbe', 'ähre', 'Äther', 'zirbe', '🏔️', '00', 'alm']
  await store.owner.query(
    `insert into properties (agency_id, id, name, property_type, max_guests, currency)
     select $1, gen_random_uuid(), ($2::text[])[1 + i % $3], 'room', 1, 'EUR' from generate_series(0, 118) i`,
    [south, names, names.length],
  )
}

test('120 properties in pages of 7 are returned once each and in order', async () => {
  await make119()
  const { ids, sizes } = await walk(outsider, 'properties?limit=7')
  assert.deepEqual(sizes, [...Array(17).fill(7), 1])
  assert.deepEqual(ids, await inOrder(south))
  const { rows } = await store.owner.query('select id, name from properties where agency_id = $1', [south])
  const names = new Map(rows.map(({ id, name }) => [id, name as string]))
  const distinct = [...new Set(ids.map((id) => names.get(id)))].filter((name) => name !== castProperties.beach.name)
  assert.deepEqual(distinct, ['00', 'ähre', 'Alm', 'alm', 'Äther', 'Zirbe', 'zirbe', '🏔️'])
})

test('a last page that is exactly full has no next cursor', async () => {
  await make119()
  const { sizes } = await walk(outsider, 'properties?limit=60')
  assert.deepEqual(sizes, [60, 60])
})

test('without a limit a page has 50 rows', async () => {
  await make119()
  assert.equal(idsOf(must(200, await outsider.get('properties'))).length, 50)
})

test('rows created and deleted during paging cause no repeated or missing row', async () => {
  await make119()
  const old = await inOrder(south)
  const deleted_id = old.at(-1) as string
  const fresh: string[] = []
  const { ids } = await walk(outsider, 'properties?limit=7', async (page) => {
    fresh.push(await create(outsider, { name: page % 2 === 0 ? '!first' : 'Alm' }))
    fresh.push(await create(outsider, { name: '🏕️ last' }))
    if (page === 3) must(204, await outsider.delete(`properties/${deleted_id}`))
  })
  assert.equal(new Set(ids).size, ids.length, 'no row is repeated')
  assert.deepEqual(
    ids.filter((id) => !fresh.includes(id)),
    old.filter((id) => id !== deleted_id),
  )
  assert.ok(fresh.length > 30, `${fresh.length} rows were created meanwhile`)
})

test('a limit out of range is refused and the error contains the maximum', async () => {
  for (const limit of ['101', '0', '-1', '1.5', 'many', '']) {
    const reply = must(422, await staff.get(`properties?limit=${limit}`))
    assert.equal(reply.body.error.code, 'VALIDATION_ERROR')
    assert.deepEqual(
      reply.body.error.details.map(({ pointer }: { pointer: string }) => pointer),
      ['/query/limit'],
      limit,
    )
  }
  assert.match((await staff.get('properties?limit=101')).text, /must be at most 100/)
  must(200, await staff.get('properties?limit=100'))
})

test('an unknown query parameter is refused with a pointer', async () => {
  const reply = must(422, await staff.get('properties?colour=red'))
  assert.deepEqual(reply.body.error.details[0].pointer, '/query/colour')
  must(422, await staff.get('properties?is_active=maybe'))
  must(422, await staff.get('properties?owner_id=me'))
})

async function refusesCursor(client: Client, path: string, cursor: string, headers = {}): Promise<void> {
  const reply = await client.get(`${path}&cursor=${encodeURIComponent(cursor)}`, headers)
  assert.equal(reply.status, 400, `${path} ${cursor}: ${reply.text}`)
  assert.equal(reply.body.error.code, 'CURSOR_INVALID')
}

const cursorOf = async (client: Client, path: string, headers = {}): Promise<string> =>
  must(200, await client.get(path, headers)).body.next_cursor

test('a cursor is valid only for its agency, person, list and filters', async () => {
  await make119()
  const path = 'properties?limit=1'
  const cursor = await cursorOf(manager, path)
  must(200, await manager.get(`${path}&cursor=${cursor}`))
  must(200, await manager.get(`properties?limit=3&cursor=${cursor}`))
  await refusesCursor(admin, path, cursor)
  await refusesCursor(outsider, path, cursor)
  await refusesCursor(manager, `${path}&is_active=true`, cursor)
  await refusesCursor(manager, path, await cursorOf(manager, `${path}&is_active=true`))
  await refusesCursor(manager, 'bookings?limit=1', cursor)
  const here = { 'x-agency-id': north }
  const there = { 'x-agency-id': south }
  await refusesCursor(bothAgencies, path, await cursorOf(bothAgencies, path, there), here)
  await refusesCursor(bothAgencies, path, await cursorOf(bothAgencies, path, here), there)
})

test('a cursor of the list of bookings is refused by the list of properties', async () => {
  for (const month of ['01', '02']) {
    const stay = { check_in: `2031-${month}-01`, check_out: `2031-${month}-02`, num_adults: 1 }
    must(201, await staff.post('bookings', { property_id: castProperties.town.id, ...stay }))
  }
  await refusesCursor(staff, 'properties?limit=1', await cursorOf(staff, 'bookings?limit=1'))
})

test('a cursor with any changed character is refused', async () => {
  const path = 'properties?limit=1'
  const cursor = await cursorOf(staff, path)
  for (let at = 0; at < cursor.length; at++) {
    for (const letter of ['A', 'B', '_', '.']) {
      if (cursor[at] === letter) continue
      await refusesCursor(staff, path, `${cursor.slice(0, at)}${letter}${cursor.slice(at + 1)}`)
    }
  }
  const broken = ['', '.', 'x', cursor.slice(0, -1), `${cursor}A`, `${cursor}=`, `${cursor}.`, ` ${cursor}`, '\u0000']
  for (const text of broken) await refusesCursor(staff, path, text)
  must(422, await staff.get(`${path}&cursor=${'x'.repeat(2001)}`))
})

test('a search takes %, _ and \\ literally and ignores case, in names and cities', async () => {
  for (const name of ['50% off', '50x off', 'snake_case', 'snakeXcase', 'back\\slash', "O'Hara"]) {
    await create(manager, { name })
  }
  await create(manager, { name: 'Elsewhere', city: 'Sankt_Anton' })
  const search = async (q: string) => namesOf(await staff.get(`properties?q=${encodeURIComponent(q)}`)).sort()
  assert.deepEqual(await search('50%'), ['50% off'])
  assert.deepEqual(await search('%'), ['50% off'])
  assert.deepEqual(await search('_'), ['Elsewhere', 'snake_case'])
  assert.deepEqual(await search('\\'), ['back\\slash'])
  assert.deepEqual(await search("o'hara"), ["O'Hara"])
  assert.deepEqual(await search('SNAKE_'), ['snake_case'])
  assert.deepEqual(await search('\\_'), [])
  assert.deepEqual(await search("' or 1=1 --"), [])
})

test('each filter returns its matches', async () => {
  const id = await create(manager, { name: 'Closed', is_active: false, owner_id: players.owner.user_id })
  assert.deepEqual(idsOf(must(200, await staff.get('properties?is_active=false'))), [id])
  const owned = `properties?owner_id=${players.owner.user_id}`
  assert.deepEqual(namesOf(await staff.get(owned)), ['Closed', castProperties.lake.name])
  assert.deepEqual(namesOf(await owner.get(owned)), ['Closed', castProperties.lake.name])
  assert.deepEqual(namesOf(await owner.get(`properties?owner_id=${players.otherOwner.user_id}`)), [])
})

test('updated_since excludes rows not changed since, with any UTC offset', async () => {
  const { updated_at } = (await manager.post('properties', { name: 'Fresh', property_type: 'room', max_guests: 1 }))
    .body
  const since = async (time: string) => {
    const reply = await manager.get(`properties?updated_since=${encodeURIComponent(time)}`)
    assert.equal(reply.status, 200, reply.text)
    return reply.body.items.map((item: { name: string }) => item.name)
  }
  assert.ok((await since(updated_at)).includes('Fresh'))
  assert.ok((await since('2020-01-01T00:00:00+02:00')).includes('Lake House'))
  assert.deepEqual(await since(new Date(Date.parse(updated_at) + 3_600_000).toISOString()), [])
  assert.equal((await manager.get('properties?updated_since=yesterday')).status, 422)
})
