// The races: same nights, nights that overlap in part, bookings against holds against blocks; and other homes meanwhile.
import type { Answer } from './answers.ts'
import { randomOf } from './counting.ts'
import { dayOf, isWon, type Phase, phaseOf, type Race, roundFindings, times } from './race.ts'

const nights = 3
const bystander_homes = 2
const shared_homes = 3
/** Steps of each client and round in the phase of overlaps in part. */
const steps_per_round = 2
/** Stays in it begin within so many days. */
const calendar_days = 60

/** Requests that call `progress`, for the bar. */
export function plannedRequests({ clients, rounds }: Pick<Race, 'clients' | 'rounds'>): number {
  return clients * rounds * (2 + steps_per_round)
}

export async function runPhases(race: Race): Promise<Phase[]> {
  return [...(await sameNights(race)), await partialOverlaps(race), await bookingsHoldsBlocks(race)]
}

function stay(property_id: string, day: number, length = nights) {
  return { property_id, check_in: dayOf(day), check_out: dayOf(day + length) }
}

function book(race: Race, client: number, property_id: string, day: number, length?: number): Promise<Answer> {
  return race.send(client, 'POST', 'bookings', { ...stay(property_id, day, length), num_adults: 2, total_cents: 100 })
}

/** In each round every client wants the same nights of one home; others book one free night after the other elsewhere. */
async function sameNights(race: Race): Promise<Phase[]> {
  const name = 'same nights'
  const home = await race.newHome()
  const others = await times(bystander_homes, () => race.newHome())
  const answers: Answer[] = []
  const findings: string[] = []
  const beside: Answer[] = []
  let is_racing = true
  const bystanders = others.map(async (other, i) => {
    for (let day = 0; is_racing; day += 1) beside.push(await book(race, i, other, day, 1))
  })
  try {
    for (let round = 0; round < race.rounds; round += 1) {
      race.signal.throwIfAborted()
      const round_answers = await times(race.clients, (client) =>
        counted(race, book(race, client, home, round * nights)),
      )
      findings.push(...roundFindings(name, round, round_answers))
      answers.push(...round_answers)
    }
  } finally {
    is_racing = false
    await Promise.all(bystanders)
  }
  const besides = 'other homes meanwhile'
  const refused = beside.filter((answer) => !isWon(answer)).length
  const complaint = refused === 0 ? [] : [`${besides}: ${refused} bookings of free nights were refused`]
  return [phaseOf(name, answers, findings), phaseOf(besides, beside, complaint)]
}

/** Every client books, moves, cancels and takes back at random, in the same few homes. */
async function partialOverlaps(race: Race): Promise<Phase> {
  const homes = await times(shared_homes, () => race.newHome())
  const answers: Answer[] = []
  await times(race.clients, async (client) => {
    const random = randomOf(race.seed * 1000 + client)
    const dice = (n: number) => Math.floor(random() * n)
    const mine: string[] = []
    const cancelled: string[] = []
    for (let step = 0; step < race.rounds * steps_per_round; step += 1) {
      race.signal.throwIfAborted()
      answers.push(await counted(race, oneStep({ race, client, homes, mine, cancelled, dice })))
    }
  })
  return phaseOf('partial overlaps', answers)
}

interface Position {
  readonly race: Race
  readonly client: number
  readonly homes: readonly string[]
  /** Live bookings of this client, and its cancelled ones. */
  readonly mine: string[]
  readonly cancelled: string[]
  readonly dice: (n: number) => number
}

async function oneStep({ race, client, homes, mine, cancelled, dice }: Position): Promise<Answer> {
  const [day, length, choice] = [dice(calendar_days), 1 + dice(14), dice(6)]
  const id = mine[dice(mine.length)]
  const back = cancelled[dice(cancelled.length)]
  if (choice === 5 && back !== undefined) {
    const answer = await race.send(client, 'PATCH', `bookings/${back}/status`, { status: 'confirmed' })
    if (isWon(answer)) swap(back, cancelled, mine)
    return answer
  }
  if (choice >= 4 && id !== undefined) {
    const answer = await race.send(client, 'PATCH', `bookings/${id}/status`, { status: 'cancelled' })
    if (isWon(answer)) swap(id, mine, cancelled)
    return answer
  }
  if (choice >= 2 && id !== undefined) {
    return race.send(client, 'PATCH', `bookings/${id}`, { check_in: dayOf(day), check_out: dayOf(day + length) })
  }
  const answer = await book(race, client, homes[dice(homes.length)] ?? '', day, length)
  if (isWon(answer)) mine.push(String(answer.body.id))
  return answer
}

function swap(id: string, from: string[], to: string[]): void {
  from.splice(from.indexOf(id), 1)
  to.push(id)
}

/** In each round a third of the clients wants to book, hold and block the same nights; a hold that wins is let go. */
async function bookingsHoldsBlocks(race: Race): Promise<Phase> {
  const name = 'booking, hold or block'
  const home = await race.newHome()
  const answers: Answer[] = []
  const findings: string[] = []
  for (let round = 0; round < race.rounds; round += 1) {
    race.signal.throwIfAborted()
    const day = round * nights
    const { property_id, check_in, check_out } = stay(home, day)
    const block = { property_id, start_date: check_in, end_date: check_out, reason: 'maintenance' }
    const round_answers = await times(race.clients, (client) => {
      const kind = client % 3
      const sent =
        kind === 0
          ? book(race, client, home, day)
          : kind === 1
            ? race.send(client, 'POST', 'holds', stay(home, day))
            : race.send(client, 'POST', 'availability/blocks', block)
      return counted(race, sent)
    })
    findings.push(...roundFindings(name, round, round_answers))
    answers.push(...round_answers)
    // The agency limits how many holds a person has at once.
    const held = round_answers.findIndex((answer, client) => client % 3 === 1 && isWon(answer))
    if (held !== -1) await race.send(held, 'DELETE', `holds/${round_answers[held]?.body.id}`)
  }
  return phaseOf(name, answers, findings)
}

async function counted(race: Race, sent: Promise<Answer>): Promise<Answer> {
  const answer = await sent
  race.progress()
  return answer
}
