// The races: same nights, partial overlaps, bookings against holds and blocks.

import { checkRound, isSuccess, type Phase, type Race, raceDay, runParallel, summarizePhase } from './race.ts'
import type { Answer } from './requests.ts'
import { createRandom } from './statistics.ts'

const nights = 3
const num_other_properties = 2
const num_shared_properties = 3
/** Partial overlaps: requests of each client per round. */
const steps_per_round = 2
/** Partial overlaps: stays start within this many days. */
const calendar_days = 60

/** The number of calls of `progress`. */
export function countPlannedRequests({ clients, rounds }: Pick<Race, 'clients' | 'rounds'>): number {
  return clients * rounds * (2 + steps_per_round)
}

export async function runPhases(race: Race): Promise<Phase[]> {
  return [...(await sameNights(race)), await partialOverlaps(race), await bookingsHoldsBlocks(race)]
}

function stay(property_id: string, day: number, length = nights) {
  return { property_id, check_in: raceDay(day), check_out: raceDay(day + length) }
}

function book(race: Race, client: number, property_id: string, day: number, length?: number): Promise<Answer> {
  return race.send(client, 'POST', 'bookings', { ...stay(property_id, day, length), num_adults: 2, total_cents: 100 })
}

/** In each round all clients book the same nights of one property. Meanwhile others book free nights of other properties. */
async function sameNights(race: Race): Promise<Phase[]> {
  const name = 'same nights'
  const property_id = await race.newProperty()
  const others = await runParallel(num_other_properties, () => race.newProperty())
  const answers: Answer[] = []
  const findings: string[] = []
  const other_answers: Answer[] = []
  let is_racing = true
  const other_bookings = others.map(async (other, i) => {
    for (let day = 0; is_racing; day += 1) other_answers.push(await book(race, i, other, day, 1))
  })
  try {
    for (let round = 0; round < race.rounds; round += 1) {
      race.signal.throwIfAborted()
      const round_answers = await runParallel(race.clients, (client) =>
        countProgress(race, book(race, client, property_id, round * nights)),
      )
      findings.push(...checkRound(name, round, round_answers))
      answers.push(...round_answers)
    }
  } finally {
    is_racing = false
    await Promise.all(other_bookings)
  }
  const others_name = 'other properties'
  const refused = other_answers.filter((answer) => !isSuccess(answer)).length
  const refusals = refused === 0 ? [] : [`${others_name}: ${refused} bookings of free nights were refused`]
  return [summarizePhase(name, answers, findings), summarizePhase(others_name, other_answers, refusals)]
}

/** All clients book, change dates, cancel and restore at random, in the same few properties. */
async function partialOverlaps(race: Race): Promise<Phase> {
  const properties = await runParallel(num_shared_properties, () => race.newProperty())
  const answers: Answer[] = []
  await runParallel(race.clients, async (client) => {
    const random = createRandom(race.seed * 1000 + client)
    const choose = (n: number) => Math.floor(random() * n)
    const mine: string[] = []
    const cancelled: string[] = []
    for (let step = 0; step < race.rounds * steps_per_round; step += 1) {
      race.signal.throwIfAborted()
      answers.push(await countProgress(race, runStep({ race, client, properties, mine, cancelled, choose })))
    }
  })
  return summarizePhase('partial overlaps', answers)
}

interface Step {
  readonly race: Race
  readonly client: number
  readonly properties: readonly string[]
  /** The client's bookings that are not cancelled. */
  readonly mine: string[]
  readonly cancelled: string[]
  readonly choose: (n: number) => number
}

async function runStep({ race, client, properties, mine, cancelled, choose }: Step): Promise<Answer> {
  const [day, length, choice] = [choose(calendar_days), 1 + choose(14), choose(6)]
  const id = mine[choose(mine.length)]
  const cancelled_id = cancelled[choose(cancelled.length)]
  if (choice === 5 && cancelled_id !== undefined) {
    const answer = await race.send(client, 'PATCH', `bookings/${cancelled_id}/status`, { status: 'confirmed' })
    if (isSuccess(answer)) moveId(cancelled_id, cancelled, mine)
    return answer
  }
  if (choice >= 4 && id !== undefined) {
    const answer = await race.send(client, 'PATCH', `bookings/${id}/status`, { status: 'cancelled' })
    if (isSuccess(answer)) moveId(id, mine, cancelled)
    return answer
  }
  if (choice >= 2 && id !== undefined) {
    return race.send(client, 'PATCH', `bookings/${id}`, { check_in: raceDay(day), check_out: raceDay(day + length) })
  }
  const answer = await book(race, client, properties[choose(properties.length)] ?? '', day, length)
  if (isSuccess(answer)) mine.push(String(answer.body.id))
  return answer
}

function moveId(id: string, from: string[], to: string[]): void {
  from.splice(from.indexOf(id), 1)
  to.push(id)
}

/** In each round a third of the clients each book, hold and block the same nights. A successful hold is released. */
async function bookingsHoldsBlocks(race: Race): Promise<Phase> {
  const name = 'booking, hold or block'
  const property_id = await race.newProperty()
  const answers: Answer[] = []
  const findings: string[] = []
  for (let round = 0; round < race.rounds; round += 1) {
    race.signal.throwIfAborted()
    const day = round * nights
    const { check_in, check_out } = stay(property_id, day)
    const block = { property_id, start_date: check_in, end_date: check_out, reason: 'maintenance' }
    const round_answers = await runParallel(race.clients, (client) => {
      const kind = client % 3
      const sent =
        kind === 0
          ? book(race, client, property_id, day)
          : kind === 1
            ? race.send(client, 'POST', 'holds', stay(property_id, day))
            : race.send(client, 'POST', 'availability/blocks', block)
      return countProgress(race, sent)
    })
    findings.push(...checkRound(name, round, round_answers))
    answers.push(...round_answers)
    // The number of active holds of a user is limited.
    const held = round_answers.findIndex((answer, client) => client % 3 === 1 && isSuccess(answer))
    if (held !== -1) await race.send(held, 'DELETE', `holds/${round_answers[held]?.body.id}`)
  }
  return summarizePhase(name, answers, findings)
}

async function countProgress(race: Race, sent: Promise<Answer>): Promise<Answer> {
  const answer = await sent
  race.progress()
  return answer
}
