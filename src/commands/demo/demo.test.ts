// Loads the demo agencies: what people see first is complete, consistent, and loaded once.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { openTestStore } from '../../../test/engines.ts'
import { createFolderStore } from '../../core/media/folder.ts'
import { checkLedger } from '../../features/bookings/ledger-check.ts'
import { sizeKey, sizeNames } from '../../features/photos/files.ts'
import { createDemoAgencies } from './agencies.ts'

const folder = mkdtempSync(join(tmpdir(), 'roost-demo-'))
after(() => rmSync(folder, { recursive: true }))
const store = await openTestStore()
after(() => store.close())
const media = createFolderStore(folder)
/** Rows of the demo agencies. The database has others. */
const ours = "agency_id in (select id from agencies where slug in ('alps', 'coast'))"
const count = async (table: string, where = 'true') =>
  Number((await store.owner.query(`select count(*) as n from ${table} where ${ours} and ${where}`)).rows[0]?.n)

test('the demo has two agencies with every role, homes, guests, stays and work for today', async () => {
  assert.deepEqual(await createDemoAgencies({ db: store.db, media }, { password: 'a password of the demo' }), [
    'alps',
    'coast',
  ])
  assert.equal(await count('properties'), 48)
  assert.equal(await count('team_members'), 10)
  assert.ok((await count('guests')) > 200 && (await count('bookings')) > 2000 && (await count('blocks')) > 5)
  for (const status of ['confirmed', 'checked_in', 'checked_out', 'cancelled', 'pending'])
    assert.ok((await count('bookings', `status = '${status}'`)) > 0, status)
  const { findings, ...counts } = await checkLedger(store.db)
  assert.deepEqual([findings, counts.nights, counts.bookings, counts.disagreements], [[], 0, 0, 0])
})

test('every home has pictures, and each of them all of its files', async () => {
  const { rows } = await store.owner.query(
    `select agency_id, property_id, media_key, position from property_photos where ${ours}`,
  )
  assert.equal(new Set(rows.map(({ property_id }) => property_id)).size, 48)
  assert.equal(rows.filter(({ position }) => position === 1).length, 48)
  for (const row of rows) {
    const photo = { agency_id: String(row.agency_id), media_key: String(row.media_key) }
    for (const size of sizeNames)
      assert.ok((await media.get(sizeKey(photo, size)))?.subarray(8, 12).equals(Buffer.from('WEBP')))
  }
})

test('loading it again changes nothing', async () => {
  const before = await count('audit_log')
  assert.deepEqual(await createDemoAgencies({ db: store.db, media }, { password: 'another password' }), [])
  assert.equal(await count('audit_log'), before)
})

test('with a number of homes there is a third agency, whose homes have names of their own', async () => {
  const seen: string[] = []
  const options = {
    password: 'a password',
    num_homes: 243,
    onProgress: (...of: [number, number]) => seen.push(of.join('/')),
  }
  assert.deepEqual(await createDemoAgencies({ db: store.db, media }, options), ['portfolio'])
  assert.deepEqual(seen, ['40/243', '80/243', '120/243', '160/243', '200/243', '240/243', '243/243'])
  const { rows } = await store.owner.query(`
    select count(*)::int as homes, count(distinct p.name)::int as names,
      (select count(distinct b.property_id)::int from bookings b where b.agency_id = p.agency_id) as booked
    from properties p join agencies a on a.id = p.agency_id where a.slug = 'portfolio' group by p.agency_id`)
  assert.deepEqual(rows, [{ homes: 243, names: 243, booked: 243 }])
  assert.deepEqual((await checkLedger(store.db)).findings, [])
})
