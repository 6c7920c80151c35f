// Plans the stays of a home: which days, without price and guest. Days are counted from today.
import type { Random } from './random.ts'

export interface PlannedStay {
  readonly from: number
  readonly to: number
  /** Cancelled stays take no nights. */
  readonly is_cancelled: boolean
}

/** A home as the plan sees it. */
export interface PlannedHome {
  readonly min_nights?: number
  readonly buffer_days_after?: number
  readonly arrival_weekdays?: readonly string[] | null
  /** A guest leaves and another one arrives today. */
  readonly has_turnover_today: boolean
  /** Days that must stay free: blocks and holds. */
  readonly closed: readonly { readonly from: number; readonly to: number }[]
}

const first_day = -760
/** Two years ago the agency had about half of the bookings. */
const growth_day = -400
const last_day = 200

/** `today` is YYYY-MM-DD. Stays of weekly homes begin on Saturdays. */
export function planStays(home: PlannedHome, today: string, random: Random): PlannedStay[] {
  const is_weekly = home.arrival_weekdays?.includes('sat') === true
  const stays: PlannedStay[] = []
  let day = first_day + random.between(0, 6)
  while (day < last_day) {
    const from = is_weekly ? nextSaturday(today, day) : day
    const nights = is_weekly ? 7 : Math.max(home.min_nights ?? 1, random.between(2, 9))
    const to = endOf(home, from, from + nights)
    const obstacle = home.closed.find((span) => from < span.to && span.from < to + (home.buffer_days_after ?? 0))
    if (obstacle !== undefined) {
      day = obstacle.to
      continue
    }
    const is_cancelled = to !== 0 && from !== 0 && random.chance(0.07)
    stays.push({ from, to, is_cancelled })
    day = home.has_turnover_today && to === 0 ? 0 : to + (home.buffer_days_after ?? 0) + gapAfter(to, today, random)
  }
  return stays
}

/** A stay of a home with a turnover today ends today when it would last longer. */
function endOf(home: PlannedHome, from: number, to: number): number {
  return home.has_turnover_today && from < 0 && to > -3 ? 0 : to
}

const busy_months = [1, 2, 7, 8, 12]

/** Free nights before the next stay: few around today and in the season, many months ahead and two years ago. */
function gapAfter(day: number, today: string, random: Random): number {
  if (day > 90) return random.between(4, 30)
  if (day > 30) return random.between(1, 14)
  if (day > -45) return random.between(0, 3)
  if (day < growth_day) return random.between(6, 24)
  return busy_months.includes(monthOf(today, day)) ? random.between(0, 6) : random.between(1, 14)
}

function dateOf(today: string, day: number): Date {
  return new Date(Date.parse(today) + day * 86_400_000)
}

/** 1 to 12. */
export function monthOf(today: string, day: number): number {
  return dateOf(today, day).getUTCMonth() + 1
}

function nextSaturday(today: string, day: number): number {
  return day + ((6 - dateOf(today, day).getUTCDay() + 7) % 7)
}
