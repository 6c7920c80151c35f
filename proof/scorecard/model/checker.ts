// Checks a history of concurrent operations on stays for linearizability.
//
// Per stay: some order of its operations must explain the recorded times, the answers and the final state. Across stays:
// no two stays may have occupied the same night at the same time.
// Wing and Gong, "Testing and verifying concurrent objects", 1993.
import type { FinalStay, Nights, Operation, Status, StayState } from './history.ts'

/** Statuses that occupy nights. */
const occupying: readonly Status[] = ['pending', 'confirmed', 'held']

/** Returns the violations found; empty when the model allows the history. */
export function check(history: readonly Operation[], final: readonly FinalStay[]): string[] {
  const operations = history.filter(({ outcome }) => outcome !== 'fail')
  const final_states = new Map(final.map(({ stay, state }) => [stay, state]))
  const unexpected = [...final_states.keys()].filter((stay) => !operations.some((one) => one.stay === stay))
  return [
    ...unexpected.map((stay) => `stay ${stay} exists, but no successful operation created it`),
    ...[...Map.groupBy(operations, ({ stay }) => stay)].flatMap(([stay, of_stay]) =>
      checkStay(stay, of_stay, final_states.get(stay)),
    ),
    ...findOverlaps(periodsOf(operations)),
    ...findOverlaps(final.filter(({ state }) => occupying.includes(state.status)).map(asPeriod)),
  ]
}

/** The state after the operation, or undefined where the model does not allow it. */
function apply(state: StayState | undefined, { kind, wanted }: Operation): StayState | undefined {
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

const format = (state: StayState | undefined) =>
  state === undefined ? 'missing' : `${state.status} ${state.property_id} ${state.check_in}/${state.check_out}`

/**
 * Searches for an order of the operations that ends in `end`. Every acknowledged operation occurs once; one without an
 * answer occurs once or never.
 */
function checkStay(stay: number, operations: readonly Operation[], end: StayState | undefined): string[] {
  const visited = new Set<string>()
  const goal = format(end)

  function reaches(state: StayState | undefined, left: readonly Operation[]): boolean {
    const search_state = `${format(state)} ${left.map((one) => operations.indexOf(one)).join()}`
    if (visited.has(search_state)) return false
    visited.add(search_state)
    const acknowledged = left.filter(({ outcome }) => outcome === 'ok')
    if (acknowledged.length === 0 && format(state) === goal) return true
    const first_end = Math.min(...acknowledged.map(({ ended }) => ended))
    // An operation that began after another was acknowledged cannot precede it.
    return left.some((one) => one.began <= first_end && explains(state, one, left))
  }

  function explains(state: StayState | undefined, one: Operation, left: readonly Operation[]): boolean {
    const after = apply(state, one)
    if (after === undefined || (one.became !== undefined && format(one.became) !== format(after))) return false
    return reaches(
      after,
      left.filter((other) => other !== one),
    )
  }

  if (reaches(undefined, operations)) return []
  const texts = operations.map(
    ({ kind, outcome, became }) => `${kind} ${outcome} ${became === undefined ? '' : format(became)}`,
  )
  return [`stay ${stay} ends as ${goal}, which no order of its operations explains: ${texts.join('; ')}`]
}

/** A period in which a stay certainly occupied its nights. */
interface Period {
  readonly stay: number
  readonly nights: Nights
  readonly from: number
  readonly to: number
}

const asPeriod = ({ stay, state }: FinalStay): Period => ({ stay, nights: state, from: 0, to: 1 })

/** From an acknowledgement until the earliest possible effect of another operation on the stay. */
function periodsOf(operations: readonly Operation[]): Period[] {
  return [...Map.groupBy(operations, ({ stay }) => stay)].flatMap(([stay, of_stay]) =>
    of_stay.flatMap((one) => {
      if (one.became === undefined || !occupying.includes(one.became.status)) return []
      const others = of_stay.filter((other) => other !== one && other.ended > one.began)
      const to = Math.min(...others.map(({ began }) => began))
      return to > one.ended ? [{ stay, nights: one.became, from: one.ended, to }] : []
    }),
  )
}

function findOverlaps(periods: readonly Period[]): string[] {
  const by_property = Object.values(Object.groupBy(periods, ({ nights }) => nights.property_id))
  return by_property.flatMap((of_property = []) =>
    of_property.flatMap((one, i) =>
      of_property
        .slice(i + 1)
        .filter((other) => overlap(one, other))
        .map((other) => describeOverlap(one, other)),
    ),
  )
}

function overlap(one: Period, other: Period): boolean {
  const same_time = one.from < other.to && other.from < one.to
  const [a, b] = [one.nights, other.nights]
  return one.stay !== other.stay && same_time && a.check_in < b.check_out && b.check_in < a.check_out
}

function describeOverlap(one: Period, other: Period): string {
  const nights = [one, other].map(
    ({ stay, nights: { check_in, check_out } }) => `stay ${stay} (${check_in}/${check_out})`,
  )
  return `${nights.join(' and ')} occupied the same nights of property ${one.nights.property_id} at the same time`
}
