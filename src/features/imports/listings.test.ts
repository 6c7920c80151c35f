// Importing listings as properties.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { csv } from '../../../test/import-files.ts'
import { openImportFixture, outcomesOf, problemsOf } from '../../../test/import-fixture.ts'
import { operatorOf } from '../../core/auth/actors.ts'
import { repairLine } from '../../core/text.ts'
import { updateProperty } from '../properties/properties.ts'

const { db, importListings, newAgency, rows } = await openImportFixture()

const header = [
  'id',
  'name',
  'neighbourhood_cleansed',
  'latitude',
  'longitude',
  'property_type',
  'accommodates',
  'bathrooms_text',
  'bedrooms',
  'beds',
  'price',
]
const listing = (
  id: string | number,
  name = `Home ${id}`,
  more: { guests?: string; price?: string; beds?: string } = {},
) => {
  const { guests = '4', price = '$1,320.00', beds = '2' } = more
  return [id, name, 'Norrmalms', '59.33872', '18.05131', 'Entire rental unit', guests, '1.5 baths', '1', beds, price]
}

const saved = (agency_id: string) =>
  rows('select * from properties where agency_id = $1 order by external_id::int', agency_id)

async function snapshot(agency_id: string) {
  const versions = await rows(
    'select id, version, updated_at from properties where agency_id = $1 order by id',
    agency_id,
  )
  const [audit] = await rows('select count(*)::int from audit_log where agency_id = $1', agency_id)
  return { versions, audit }
}

test('each listing becomes a property, with an audit row of the operator', async () => {
  const agency_id = await newAgency()
  const report = await importListings(agency_id, csv(header, listing(1), listing(2)))
  assert.equal(outcomesOf(report), 'created 2')
  const [first] = await rows(
    `select source, external_id, name, property_type, max_guests, bathrooms::float, city, currency, base_price_cents::int,
       is_active
     from properties where agency_id = $1 order by external_id`,
    agency_id,
  )
  assert.deepEqual(first, {
    source: 'inside_airbnb',
    external_id: '1',
    name: 'Home 1',
    property_type: 'apartment',
    max_guests: 4,
    bathrooms: 1.5,
    city: 'Norrmalms',
    currency: 'SEK',
    base_price_cents: 132_000,
    is_active: true,
  })
  const audit = await rows(
    `select action, actor_role, actor_id from audit_log where agency_id = $1 and entity_type = 'property'`,
    agency_id,
  )
  assert.deepEqual(
    audit,
    Array(2).fill({ action: 'property.created', actor_role: 'operator', actor_id: operatorOf('').id }),
  )
})

test('an import without --currency is rejected, and the error says what to do', async () => {
  const agency_id = await newAgency()
  const content = csv(header, listing(1))
  await assert.rejects(
    importListings(agency_id, content, { currency: undefined }),
    /--currency SEK.*"\$" before every price/,
  )
  await assert.rejects(
    importListings(agency_id, content, { currency: 'SEKK' }),
    /--currency SEKK is not an ISO 4217 code/,
  )
  assert.deepEqual(await saved(agency_id), [])
})

test('an empty price is stored as null', async () => {
  const agency_id = await newAgency()
  await importListings(agency_id, csv(header, listing(1, 'Home', { price: '' })))
  const [property] = await saved(agency_id)
  assert.deepEqual([property?.base_price_cents, property?.currency], [null, 'SEK'])
})

test('a second import of the same file changes no version and writes no audit row', async () => {
  const agency_id = await newAgency()
  const content = csv(header, listing(1), listing(2, 'Näktergalen “2” 🏠'), listing(3, '', { price: '' }))
  await importListings(agency_id, content)
  const before = await snapshot(agency_id)
  assert.equal(outcomesOf(await importListings(agency_id, content)), 'skipped 3')
  assert.deepEqual(await snapshot(agency_id), before)
})

test('a changed row updates only the fields that differ', async () => {
  const agency_id = await newAgency()
  await importListings(agency_id, csv(header, listing(1), listing(2)))
  const report = await importListings(agency_id, csv(header, listing(1, 'New name', { price: '$99.50' }), listing(2)))
  assert.equal(outcomesOf(report), 'updated 1, skipped 1')
  const [property] = await saved(agency_id)
  assert.deepEqual([property?.name, Number(property?.base_price_cents), property?.version], ['New name', 9950, 2])
  const [entry] = await rows(
    `select before, after from audit_log where agency_id = $1 and action = 'property.updated'`,
    agency_id,
  )
  const changed = (side: unknown) =>
    Object.keys(side as object).filter((key) => !['version', 'updated_at'].includes(key))
  assert.deepEqual(changed(entry?.after), ['name', 'base_price_cents'])
  assert.deepEqual(changed(entry?.before), ['name', 'base_price_cents'])
})

test('an empty cell erases neither a price that was set in Roost nor its currency', async () => {
  const agency_id = await newAgency()
  const content = csv(header, listing(1, 'Home', { price: '', beds: '' }))
  await importListings(agency_id, content)
  const [property] = await saved(agency_id)
  await db.tenantTx(operatorOf(agency_id), (tx) =>
    updateProperty(tx, String(property?.id), { base_price_cents: 12_300, currency: 'EUR', beds: 3 }),
  )
  assert.equal(outcomesOf(await importListings(agency_id, content)), 'skipped 1')
  const [after] = await saved(agency_id)
  assert.deepEqual([Number(after?.base_price_cents), after?.currency, after?.beds], [12_300, 'EUR', 3])
})

test('invalid rows are errors with line and column, and every valid row is saved', async () => {
  const agency_id = await newAgency()
  const content = `${csv(header, listing(1), listing(2, 'No guests', { guests: '0' }))}3,"open,quote\r\n4,short\r\n${csv(
    listing(5, 'Bad price', { price: 'free' }),
    listing('', 'No id'),
    listing(7),
  )}`
  const report = await importListings(agency_id, content)
  assert.equal(outcomesOf(report), 'created 2, error 5')
  assert.equal(report.rows, 7)
  assert.deepEqual(problemsOf(report), [
    '3 accommodates: must be 1 to 500',
    '4 null: a quote (") is opened or closed in the wrong place',
    '5 null: has 2 columns, the header has 11',
    '6 price: is not an amount of money',
    '7 id: is empty',
  ])
  assert.deepEqual(
    (await saved(agency_id)).map(({ external_id }) => external_id),
    ['1', '7'],
  )
})

test('a repeated id is skipped when the facts are the same, and an error when they differ', async () => {
  const agency_id = await newAgency()
  const content = csv(header, listing(1), listing(1), listing(1, 'Another name'))
  const report = await importListings(agency_id, content)
  assert.equal(outcomesOf(report), 'created 1, skipped 1, error 1')
  assert.deepEqual(problemsOf(report), ['4 id: is already in line 2, with other values'])
  assert.equal(outcomesOf(await importListings(agency_id, content)), 'skipped 2, error 1')
})

test('a property that was deleted in Roost stays deleted', async () => {
  const agency_id = await newAgency()
  const content = csv(header, listing(1))
  await importListings(agency_id, content)
  await rows('update properties set deleted_at = now() where agency_id = $1', agency_id)
  const report = await importListings(agency_id, content)
  assert.equal(outcomesOf(report), 'skipped 1')
  assert.match(report.notes.join(), /1 row: the property was deleted in Roost and stays deleted/)
})

test('the same listing in two agencies is two properties', async () => {
  const [one, other] = [await newAgency(), await newAgency()]
  await importListings(one, csv(header, listing(1)))
  assert.equal(outcomesOf(await importListings(other, csv(header, listing(1, 'Ours')))), 'created 1')
  assert.equal((await saved(one))[0]?.name, 'Home 1')
})

test('a dry run reports the same and saves nothing', async () => {
  const agency_id = await newAgency()
  const content = csv(
    header,
    ...Array.from({ length: 130 }, (_, index) => listing(index + 1)),
    listing(131, 'x', { guests: '' }),
  )
  const before = await snapshot(agency_id)
  const dry_run = await importListings(agency_id, content, { is_dry_run: true })
  assert.deepEqual(await snapshot(agency_id), before)
  assert.equal(outcomesOf(dry_run), 'created 130, error 1')
  assert.deepEqual(await importListings(agency_id, content), dry_run)
})

test('minimum and maximum nights are taken, at most 366; impossible ones are left out', async () => {
  const agency_id = await newAgency()
  const nights = [
    ['7', '30'],
    ['', ''],
    ['2', '1125'],
    ['1000', '2147483647'],
    ['30', '7'],
    ['0', '0'],
  ]
  const lines = nights.map(([min = '', max = ''], index) => [...listing(index), min, max])
  const content = csv([...header, 'minimum_nights', 'maximum_nights'], ...lines)
  assert.equal(outcomesOf(await importListings(agency_id, content)), 'created 6')
  const found = await rows(
    'select min_nights as min, max_nights as max from properties where agency_id = $1 order by external_id',
    agency_id,
  )
  assert.deepEqual(
    found.map(({ min, max }) => `${min}-${max}`),
    ['7-30', '1-366', '2-366', '366-366', '1-366', '1-1'],
  )
  assert.equal(outcomesOf(await importListings(agency_id, content)), 'skipped 6')
})

test('columns that are not stored are listed in a note', async () => {
  const report = await importListings(
    await newAgency(),
    csv([...header, 'host_id', 'license'], [...listing(1), 2, 'x']),
  )
  assert.deepEqual(report.notes, ['prices are read as SEK', 'columns that Roost does not store: host_id, license'])
})

test('a file of bookings is rejected, and the error names the missing columns', async () => {
  const content = csv(['Confirmation code', 'Status', 'Listing'], ['HM1', 'Confirmed', 'Home'])
  await assert.rejects(
    importListings(await newAgency(), content),
    /Missing: id, name, property_type, accommodates\. Found: Confirmation code/,
  )
})

test('progress is reported in bytes and ends at the size of the file', async () => {
  const reports: [number, number][] = []
  const content = csv(header, ...Array.from({ length: 130 }, (_, index) => listing(index + 1)))
  await importListings(await newAgency(), content, { onProgress: (...bytes: [number, number]) => reports.push(bytes) })
  assert.ok(reports.length >= 2)
  assert.deepEqual(reports.at(-1), [Buffer.byteLength(content), Buffer.byteLength(content)])
})

test('names with quotes and emoji are stored as they are, in the form of every name', async () => {
  const character = fc.constantFrom(
    ...'aÅ "\'’”„«`,;|\\\t\n%_$',
    '🏠',
    '👩‍👩‍👧',
    'e\u0301',
    '\u{FFFD}',
    '\u200d',
    "''",
    '""',
    '\r\n',
  )
  const name = fc.string({ unit: character, minLength: 1, maxLength: 60 }).filter((text) => repairLine(text) !== '')
  await fc.assert(
    fc.asyncProperty(fc.array(name, { minLength: 1, maxLength: 30 }), async (names) => {
      const agency_id = await newAgency()
      const content = csv(header, ...names.map((text, index) => listing(index + 1, text)))
      assert.equal(outcomesOf(await importListings(agency_id, content)), `created ${names.length}`)
      assert.deepEqual(
        (await saved(agency_id)).map(({ name }) => name),
        names.map(repairLine),
      )
      assert.equal(outcomesOf(await importListings(agency_id, content)), `skipped ${names.length}`)
    }),
    { numRuns: 15 },
  )
})
