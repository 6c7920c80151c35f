// Imports of real files, 300 listings and 1,000 stays, compared with a naive implementation. The files are not in the
// repository: https://insideairbnb.com (CC BY 4.0), and Antonio, de Almeida, Nunes, Data in Brief 22 (2019, CC BY 4.0).
// One engine is enough: the small files of the other tests are imported on both.
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { parse } from 'csv-parse/sync'
import { openImportFixture, outcomesOf } from '../../../test/import-fixture.ts'
import { cellText } from './csv/cell-text.ts'

const folder = join(import.meta.dirname, '../../../../shared/data')
const [listingsFile, staysFile] = [join(folder, 'listings-stockholm.csv'), join(folder, 'hotel-bookings.csv')]
const skip = [listingsFile, staysFile].every((file) => existsSync(file)) ? false : `needs the real files in ${folder}`

type Cells = Record<string, string>

/** The first rows of a file: as text to import, and as csv-parse reads them. */
function first(file: string, count: number): { content: string; cells: Cells[] } {
  const content = `${readFileSync(file, 'utf8')
    .split('\n')
    .slice(0, count + 1)
    .join('\n')}\n`
  return { content, cells: parse(content, { columns: true }) }
}

describe('real files', { skip }, async () => {
  if (skip !== false) return
  const { importListings, importBookings, newAgency, rows } = await openImportFixture()
  const agency_id = await newAgency()
  const listings = first(listingsFile, 300)
  const stays = first(staysFile, 1000)

  test('every listing becomes a property with its name and its price', async () => {
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
      assert.deepEqual(
        [saved_name, max_guests, base_price_cents],
        [cellText(name ?? ''), Number(accommodates), cents(price)],
      )
    }
    assert.ok(saved.some(({ base_price_cents }) => base_price_cents === null))
    assert.ok(saved.some(({ bathrooms }) => bathrooms === 1.5))
    assert.equal(outcomesOf(await importListings(agency_id, listings.content)), 'skipped 300')
  })

  test('every stay is assigned the property that a naive search finds', async () => {
    const dry_run = await importBookings(agency_id, stays.content, { has_assignment: true, is_dry_run: true })
    const report = await importBookings(agency_id, stays.content, { has_assignment: true })
    assert.deepEqual(report, dry_run)
    const properties = await rows('select id, max_guests from properties where agency_id = $1 order by id', agency_id)
    const expected = assignNaively(stays.cells, properties as unknown as Property[])
    assert.deepEqual(
      report.problems.map(({ line, outcome }) => `${line} ${outcome}`),
      expected.rejected,
    )
    const saved = await rows(
      `select property_id, check_in::text, status, total_cents::int from bookings where agency_id = $1`,
      agency_id,
    )
    assert.deepEqual(
      saved
        .map(({ property_id, check_in, status, total_cents }) => `${property_id} ${check_in} ${status} ${total_cents}`)
        .sort(),
      expected.assigned.sort(),
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

interface Property {
  readonly id: string
  readonly max_guests: number
}

const months = 'January February March April May June July August September October November December'.split(' ')
const statuses: Record<string, string> = { 'Check-Out': 'checked_out', Canceled: 'cancelled', 'No-Show': 'no_show' }

/** The first property that is large enough and free, found by checking every night of every property. */
function assignNaively(
  stays: readonly Cells[],
  properties: readonly Property[],
): { assigned: string[]; rejected: string[] } {
  const occupied = new Set<string>()
  const [assigned, rejected]: [string[], string[]] = [[], []]
  for (const [index, cells] of stays.entries()) {
    const count = Number(cells.stays_in_weekend_nights) + Number(cells.stays_in_week_nights)
    if (count === 0 || cells.adults === '0') {
      rejected.push(`${index + 2} error`)
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
    const property = properties.find(
      ({ id, max_guests }) => max_guests >= guests && !nights.some((night) => occupied.has(`${id} ${night}`)),
    )
    if (property === undefined) {
      rejected.push(`${index + 2} conflict`)
      continue
    }
    for (const night of nights) occupied.add(`${property.id} ${night}`)
    const check_in = new Date(arrival).toISOString().slice(0, 10)
    const total = count * Math.round(Number(cells.adr) * 100)
    assigned.push(`${property.id} ${check_in} ${statuses[cells.reservation_status ?? '']} ${total}`)
  }
  return { assigned, rejected }
}
