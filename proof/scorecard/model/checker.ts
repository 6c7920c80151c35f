// Judges a history of bookings against a simple model: what must not be true of any run, however requests interleave.
// Each stay by itself must have an order of its changes that fits the clock, the answers and the end; together no two
// stays may have kept the same night at the same time. (After Wing and Gong, "Testing and verifying concurrent objects".)
import type { FinalStay, Nights, Operation, Status, StayState } from './history.ts'

const keeps: readonly Status[] = ['pending', 'confirmed', 'held']

/** What is wrong, in words; nothing when the history is one that the model allows. */
export function check(history: readonly Operation[], final: readonly FinalStay[]): string[] {
  const changes = history.filter(({ outcome }) => outcome !== 'fail')
  const at_the_end = new Map(final.map(({ stay, state }) => [stay, state]))
  const unasked = [...at_the_end.keys()].filter((stay) => !changes.some((one) => one.stay === stay))
  return [
    ...unasked.map((stay) => `stay ${stay} is there, and nobody was told or could think so`),
    ...[...Map.groupBy(changes, ({ stay }) => stay)].flatMap(([stay, its]) =>
      unexplained(stay, its, at_the_end.get(stay)),
    ),
    ...clashes(periodsOf(changes)),
    ...clashes(final.filter(({ state }) => keeps.includes(state.status)).map(asPeriod)),
  ]
}

/** How a change leaves the stay, or undefined where the model does not allow it. */
function step(state: StayState | undefined, { kind, wanted }: Operation): StayState | undefined {
  if (state === undefined) return kind === 'create' || kind === 'hold' ? (wanted as StayState) : undefined
  const from = (allowed: readonly Status[], status: Status) =>
    allowed.includes(state.status) ? { ...state, ...wanted, status } : undefined
  switch (kind) {
    case 'move':
      return from(['pending', 'confirmed'], state.status)
    case 'confirm':
      return from(['pending', 'confirmed', 'cancelled'], 'confirmed')
    case 'cancel':
      return from(['pending', 'confirmed'], 'cancelled')
    case 'delete':
      return from(['pending', 'confirmed', 'cancelled'], 'deleted')
    case 'release':
      return from(['held'], 'released')
    case 'book':
      return from(['held'], 'booked')
    default:
      return undefined
  }
}

const written = (state: StayState | undefined) =>
  state === undefined ? 'nothing' : `${state.status} ${state.property_id} ${state.check_in}/${state.check_out}`

/** Looks for an order: every acknowledged change once, those without an answer once or never, and the end as it is. */
function unexplained(stay: number, its: readonly Operation[], end: StayState | undefined): string[] {
  const seen = new Set<string>()
  const goal = written(end)

  function reaches(state: StayState | undefined, left: readonly Operation[]): boolean {
    const known = `${written(state)} ${left.map((one) => its.indexOf(one)).join()}`
    if (seen.has(known)) return false
    seen.add(known)
    const due = left.filter(({ outcome }) => outcome === 'ok')
    if (due.length === 0 && written(state) === goal) return true
    const first_end = Math.min(...due.map(({ ended }) => ended))
    // Whatever began after another change was acknowledged cannot have come before it.
    return left.some((one) => one.began <= first_end && takes(state, one, left))
  }

  function takes(state: StayState | undefined, one: Operation, left: readonly Operation[]): boolean {
    const after = step(state, one)
    if (after === undefined || (one.became !== undefined && written(one.became) !== written(after))) return false
    return reaches(
      after,
      left.filter((other) => other !== one),
    )
  }

  if (reaches(undefined, its)) return []
  const told = its.map(
    ({ kind, outcome, became }) => `${kind} ${outcome} ${became === undefined ? '' : written(became)}`,
  )
  return [`stay ${stay} is ${goal} in the end, which no order of its changes explains: ${told.join('; ')}`]
}

/** While it lasts a stay has kept its nights for certain. */
interface Period {
  readonly stay: number
  readonly nights: Nights
  readonly from: number
  readonly to: number
}

const asPeriod = ({ stay, state }: FinalStay): Period => ({ stay, nights: state, from: 0, to: 1 })

/** From an acknowledgement until the next change of the same stay may have begun to act. */
function periodsOf(changes: readonly Operation[]): Period[] {
  return [...Map.groupBy(changes, ({ stay }) => stay)].flatMap(([stay, its]) =>
    its.flatMap((one) => {
      if (one.became === undefined || !keeps.includes(one.became.status)) return []
      const others = its.filter((other) => other !== one && other.ended > one.began)
      const to = Math.min(...others.map(({ began }) => began))
      return to > one.ended ? [{ stay, nights: one.became, from: one.ended, to }] : []
    }),
  )
}

function clashes(periods: readonly Period[]): string[] {
  const of_property = Object.values(Object.groupBy(periods, ({ nights }) => nights.property_id))
  return of_property.flatMap((its = []) =>
    its.flatMap((one, i) =>
      its
        .slice(i + 1)
        .filter((other) => areTogether(one, other))
        .map((other) => clash(one, other)),
    ),
  )
}

function areTogether(one: Period, other: Period): boolean {
  const same_time = one.from < other.to && other.from < one.to
  const [a, b] = [one.nights, other.nights]
  return one.stay !== other.stay && same_time && a.check_in < b.check_out && b.check_in < a.check_out
}

function clash(one: Period, other: Period): string {
  const nights = [one, other].map(({ stay, nights: its }) => `stay ${stay} (${its.check_in}/${its.check_out})`)
  return `${nights.join(' and ')} had the same nights of property ${one.nights.property_id} at the same time`
}
