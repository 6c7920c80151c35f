// Proves the imports on real files: 300 listings of Stockholm and 1,000 stays of a hotel, against a naive reading of
// the same rows. The files are not part of the project: https://insideairbnb.com (CC BY 4.0), and Antonio, de Almeida,
// Nunes, Data in Brief 22 (2019, CC BY 4.0).
// One engine is enough: the small files beside it are read on both.
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { parse } from 'csv-parse/sync'
import { importStage, outcomesOf } from '../../../test/import-fixture.ts'

const folder = join(import.meta.dirname, '../../../../shared/data')
const [listingsFile, staysFile] = [join(folder, 'listings-stockholm.csv'), join(folder, 'hotel-bookings.csv')]
const skip = [listingsFile, staysFile].every((file) => existsSync(file)) ? false : `needs the real files in ${folder}`

type Cells = Record<string, string>

/** The first rows of a file: as text to import, and as a plain CSV library reads them. */
function first(file: string, count: number): { content: string; cells: Cells[] } {
  const content = `${readFileSync(file, 'utf8')
    .split('\n')
    .slice(0, count + 1)
    .join('\n')}\n`
  return { content, cells: parse(content, { columns: true }) }
}

describe('real files', { skip }, async () => {
  if (skip !== false) return
  const { importListings, importBookings, newAgency, rows } = await importStage()
  const agency_id = await newAgency()
  const listings = first(listingsFile, 300)
  const stays = first(staysFile, 1000)

  test('every listing is a property, its name to the last character, its price where there is one', async () => {
    const report = await importListings(agency_id, listings.content)
    assert.equal(outcomesOf(report), 'created 300')
    const saved = await rows(
      `select external_id, name, max_guests, base_price_cents::int, bathrooms::float from properties
       where agency_id = $1`,
      agency_id,
    )
    const cents = (price = '') => (price === '' ? null : Math.round(Number(price.replaceAll(/[$,]/g, '')) * 100))
    const found = new Map(saved.map(({ external_id, ...facts }) => [external_id, facts]))
    for (const { id, name, accommodates, price } of listings.cells) {
      const { name: saved_name, max_guests, base_price_cents } = found.get(id) ?? {}
      assert.deepEqual([saved_name, max_guests, base_price_cents], [name, Number(accommodates), cents(price)])
    }
    assert.ok(saved.some(({ base_price_cents }) => base_price_cents === null))
    assert.ok(saved.some(({ bathrooms }) => bathrooms === 1.5))
    assert.equal(outcomesOf(await importListings(agency_id, listings.content)), 'skipped 300')
  })

  test('every stay stands where a naive search puts it, and each refused row has its reason', async () => {
    const rehearsal = await importBookings(agency_id, stays.content, { has_assignment: true, is_dry_run: true })
    const report = await importBookings(agency_id, stays.content, { has_assignment: true })
    assert.deepEqual(report, rehearsal)
    const homes = await rows('select id, max_guests from properties where agency_id = $1 order by id', agency_id)
    const expected = naive(stays.cells, homes as unknown as Home[])
    assert.deepEqual(
      report.problems.map(({ line, outcome }) => `${line} ${outcome}`),
      expected.refused,
    )
    const saved = await rows(
      `select property_id, check_in::text, status, total_cents::int from bookings where agency_id = $1`,
      agency_id,
    )
    assert.deepEqual(
      saved
        .map(({ property_id, check_in, status, total_cents }) => `${property_id} ${check_in} ${status} ${total_cents}`)
        .sort(),
      expected.placed.sort(),
    )
    assert.equal(
      outcomesOf(await importBookings(agency_id, stays.content, { has_assignment: true })),
      [
        `skipped ${report.created}`,
        ...(report.conflict > 0 ? [`conflict ${report.conflict}`] : []),
        `error ${report.error}`,
      ].join(', '),
    )
  })
})

interface Home {
  readonly id: string
  readonly max_guests: number
}

const months = 'January February March April May June July August September October November December'.split(' ')
const statuses: Record<string, string> = { 'Check-Out': 'checked_out', Canceled: 'cancelled', 'No-Show': 'no_show' }

/** The first home that is large enough and free, found by looking at every night of every home. */
function naive(stays: readonly Cells[], homes: readonly Home[]): { placed: string[]; refused: string[] } {
  const taken = new Set<string>()
  const [placed, refused]: [string[], string[]] = [[], []]
  for (const [index, cells] of stays.entries()) {
    const count = Number(cells.stays_in_weekend_nights) + Number(cells.stays_in_week_nights)
    if (count === 0 || cells.adults === '0') {
      refused.push(`${index + 2} error`)
      continue
    }
    const arrival = Date.UTC(
      Number(cells.arrival_date_year),
      months.indexOf(cells.arrival_date_month ?? ''),
      Number(cells.arrival_date_day_of_month),
    )
    const nights =
      cells.reservation_status === 'Check-Out'
        ? Array.from({ length: count }, (_, night) => arrival + night * 86_400_000)
        : []
    const guests = Number(cells.adults) + (Number(cells.children) || 0)
    const home = homes.find(
      ({ id, max_guests }) => max_guests >= guests && !nights.some((night) => taken.has(`${id} ${night}`)),
    )
    if (home === undefined) {
      refused.push(`${index + 2} conflict`)
      continue
    }
    for (const night of nights) taken.add(`${home.id} ${night}`)
    const check_in = new Date(arrival).toISOString().slice(0, 10)
    const total = count * Math.round(Number(cells.adr) * 100)
    placed.push(`${home.id} ${check_in} ${statuses[cells.reservation_status ?? '']} ${total}`)
  }
  return { placed, refused }
}
