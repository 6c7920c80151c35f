// The state of the calendar that is in its address.
import { dateOf, dayOf } from '../../locales/days.ts'

/** The width of a day in pixels, by zoom. */
export const day_widths = { month: 34, fortnight: 52, week: 96 } as const
export type Zoom = keyof typeof day_widths

const zooms: readonly Zoom[] = ['month', 'fortnight', 'week']

/** The zoom that shows fewer days (`closer`) or more. Undefined at the end. */
export function nextZoom(zoom: Zoom = 'month', direction: 'closer' | 'wider'): Zoom | undefined {
  return zooms[zooms.indexOf(zoom) + (direction === 'closer' ? 1 : -1)]
}

export interface Search {
  /** The day at the left edge: `2027-06-14`. Today by default. */
  readonly day?: string
  /** `month` by default. */
  readonly zoom?: Zoom
  readonly q?: string
  readonly city?: string
  readonly guests?: number
  readonly free_from?: string
  readonly free_to?: string
  /** Only homes with something that needs a decision. */
  readonly attention?: true
  readonly grouped?: true
}

const isDate = (text: unknown): text is string =>
  typeof text === 'string' && /^[12]\d{3}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text))
const isText = (text: unknown): text is string => typeof text === 'string' && text !== '' && text.length <= 100

export interface FreeNights {
  readonly free_from: string | undefined
  readonly free_to: string | undefined
}

/**
 * The filter that two dates make while they are typed; undefined while they are not complete. An end that is not after the begin becomes
 * a week after it when the begin is what changes.
 */
export function freeNights({ from, to }: { from: string; to: string }, changed: 'from' | 'to'): FreeNights | undefined {
  if (from === '') return { free_from: undefined, free_to: undefined }
  if (!isDate(from)) return undefined
  if (isDate(to) && to > from) return { free_from: from, free_to: to }
  return changed === 'from' ? { free_from: from, free_to: dateOf(dayOf(from) + 7) } : undefined
}

/** Drops what is unknown or wrong, so that an old link still opens. */
export function readSearch(given: Record<string, unknown>): Search {
  const { day, zoom, q, city, guests, free_from, free_to, attention, grouped } = given
  const people = Number(guests)
  return {
    ...(isDate(day) && { day }),
    ...(typeof zoom === 'string' && Object.hasOwn(day_widths, zoom) && { zoom: zoom as Zoom }),
    ...(isText(q) && { q }),
    ...(isText(city) && { city }),
    ...(Number.isInteger(people) && people > 0 && people <= 500 && { guests: people }),
    ...(isDate(free_from) && isDate(free_to) && free_from < free_to && { free_from, free_to }),
    ...(attention === true && { attention }),
    ...(grouped === true && { grouped }),
  }
}
