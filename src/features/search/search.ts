// Finds the properties that are free for a stay, by the rules that bookings are checked against.
import type { Cursors } from '../../core/cursors.ts'
import { readPage } from '../../core/postgres/pages.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { localDay } from '../../core/time-zones.ts'
import { addDays, type Dates, requireStay } from '../availability/days.ts'
import { evaluateRules, findNeighbour } from '../availability/rules.ts'
import { type Candidate, loadCandidates } from './candidates.ts'
import type { FreeProperties, OtherDates, SearchQuery } from './schema.ts'

/** How far from the dates others are offered. */
const max_shift_days = 14
/** Properties that one page looks at. Each costs one evaluation of the rules, and with `nearby` up to 29. */
const most_candidates = 500
const most_candidates_nearby = 100

interface Assessed extends Candidate {
  readonly is_free: boolean
  readonly dates: OtherDates[]
}

/** Throws ValidationError, CursorInvalidError. */
export async function searchProperties(tx: Tx, cursors: Cursors, query: SearchQuery): Promise<FreeProperties> {
  requireStay(query, '/query')
  const is_nearby = query.nearby === true
  const days_around = is_nearby ? max_shift_days : 0
  const { items, next_cursor } = await readPage(
    tx,
    cursors,
    'search',
    { ...query, limit: is_nearby ? most_candidates_nearby : most_candidates },
    async (after, limit) => {
      const candidates = await loadCandidates(tx, query, { after, limit, days_around })
      return endAfter(query.limit, assess(tx, candidates, query))
    },
    ({ property }) => [property.name, property.id],
  )
  const found = { items: items.filter(({ is_free }) => is_free).map(({ property }) => property), next_cursor }
  if (!is_nearby) return found
  const others = items.filter(({ dates }) => dates.length > 0)
  return { ...found, nearby: others.map(({ property, dates }) => ({ ...property, dates })) }
}

function assess(tx: Tx, candidates: readonly Candidate[], { check_in, check_out, nearby }: SearchQuery): Assessed[] {
  const days = new Map<string, string>()
  return candidates.map((candidate) => {
    const { time_zone } = candidate
    const today = days.get(time_zone) ?? localDay(tx.now(), time_zone)
    days.set(time_zone, today)
    const is_free = isBookable(candidate, { check_in, check_out }, today)
    const dates = is_free || nearby !== true ? [] : findNearbyDates(candidate, { check_in, check_out }, today)
    return { ...candidate, is_free, dates }
  })
}

/** What /availability/explain answers in `is_bookable`. */
function isBookable({ rules, occupants }: Candidate, stay: Dates, today: string): boolean {
  const context = { rules, today, neighbour: findNeighbour(stay, occupants) }
  return evaluateRules(context, stay, 'all').every(({ is_kept }) => is_kept)
}

/** The nearest bookable dates before and after the stay, of the same length, from today on. The closer ones are first. */
function findNearbyDates(candidate: Candidate, stay: Dates, today: string): OtherDates[] {
  const first = today < earliest ? earliest : today
  const found: OtherDates[] = []
  const has_found = { before: false, after: false }
  for (let days = 1; days <= max_shift_days; days += 1) {
    for (const side of ['before', 'after'] as const) {
      if (has_found[side]) continue
      const dates = shifted(stay, side === 'before' ? -days : days)
      if (dates.check_in < first || dates.check_out > latest || !isBookable(candidate, dates, today)) continue
      has_found[side] = true
      found.push(dates)
    }
  }
  return found
}

/** As requireStay limits the dates of a booking. */
const earliest = '2000-01-01'
const latest = '2100-12-31'

function shifted({ check_in, check_out }: Dates, days: number): OtherDates {
  return { check_in: addDays(check_in, days), check_out: addDays(check_out, days) }
}

/** Marks the result that no longer fits, so that the page ends in front of it. Nothing is known about those behind it. */
function endAfter(limit: number, candidates: readonly Assessed[]): (Assessed & { is_over: boolean })[] {
  let results = 0
  return candidates.map((candidate) => {
    if (candidate.is_free || candidate.dates.length > 0) results += 1
    return { ...candidate, is_over: results > limit }
  })
}
