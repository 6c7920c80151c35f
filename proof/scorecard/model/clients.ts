// Clients who book, hold, move, confirm, cancel and delete at random, and write down what they were told.

import { setTimeout as delay } from 'node:timers/promises'
import type { Answer, Sender } from '../../../test/sender.ts'
import { dayAfter } from '../../../test/steps.ts'
import type { Kind, Nights, Outcome, Recorder, Status, StayState } from './history.ts'

/** A stay that clients know of; everybody changes everybody's. */
interface Known {
  readonly stay: number
  readonly id: string
  readonly is_hold: boolean
}

export interface Crowd {
  readonly recorder: Recorder
  readonly homes: readonly string[]
  /** Whom to send the next request to; another one after every fault. */
  readonly callers: readonly Sender[]
  readonly known: Known[]
  /** Numbers from 0 up to 1. */
  readonly random: () => number
  is_over(): boolean
}

const first_day = '2031-01-01'
const season = 40

/** One client, until the crowd is over. */
export async function client(crowd: Crowd): Promise<void> {
  while (!crowd.is_over()) {
    const known = crowd.known[upTo(crowd, crowd.known.length)]
    if (known === undefined || crowd.random() < 0.3) await (crowd.random() < 0.3 ? hold : create)(crowd)
    else if (known.is_hold) await changeHold(crowd, known)
    else await changeBooking(crowd, known)
  }
}

function upTo({ random }: Crowd, n: number): number {
  return Math.floor(random() * n)
}

function anyNights(crowd: Crowd): Nights {
  const check_in = dayAfter(first_day, upTo(crowd, season))
  const check_out = dayAfter(check_in, 1 + upTo(crowd, 7))
  return { property_id: crowd.homes[upTo(crowd, crowd.homes.length)] ?? '', check_in, check_out }
}

function callerIn(crowd: Crowd): Sender {
  return crowd.callers[upTo(crowd, crowd.callers.length)] as Sender
}

async function create(crowd: Crowd): Promise<void> {
  const stay = crowd.recorder.next()
  const status = crowd.random() < 0.5 ? ('pending' as const) : ('confirmed' as const)
  const nights = anyNights(crowd)
  const body = { ...nights, status, num_adults: 1, internal_notes: String(stay) }
  await ask(crowd, [{ kind: 'create', stay, wanted: { ...nights, status } }], ['POST', 'bookings', body], (answer) =>
    learn(crowd, answer, { stay, is_hold: false }),
  )
}

async function hold(crowd: Crowd): Promise<void> {
  const stay = crowd.recorder.next()
  const nights = anyNights(crowd)
  const body = { ...nights, notes: String(stay) }
  await ask(crowd, [{ kind: 'hold', stay, wanted: { ...nights, status: 'held' } }], ['POST', 'holds', body], (answer) =>
    learn(crowd, answer, { stay, is_hold: true }),
  )
}

async function changeHold(crowd: Crowd, { stay, id }: Known): Promise<void> {
  if (crowd.random() < 0.5) {
    await ask(crowd, [{ kind: 'release', stay, wanted: {} }], ['DELETE', `holds/${id}`])
    return
  }
  const booking = crowd.recorder.next()
  const body = { num_adults: 1, internal_notes: String(booking) }
  const nights = crowd.recorder.history.find((one) => one.kind === 'hold' && one.stay === stay)?.wanted
  const wanted = { ...nights, status: 'confirmed' as const }
  const both = [
    { kind: 'book' as const, stay, wanted: {} },
    { kind: 'create' as const, stay: booking, wanted },
  ]
  await ask(crowd, both, ['POST', `holds/${id}/booking`, body], (answer) =>
    learn(crowd, answer, { stay: booking, is_hold: false }),
  )
}

async function changeBooking(crowd: Crowd, { stay, id }: Known): Promise<void> {
  const dice = upTo(crowd, 10)
  if (dice < 4) {
    const { property_id, ...dates } = anyNights(crowd)
    const wanted = crowd.random() < 0.5 ? { property_id, ...dates } : dates
    await ask(crowd, [{ kind: 'move', stay, wanted }], ['PATCH', `bookings/${id}`, wanted])
  } else if (dice < 7) {
    const body = { status: 'confirmed' }
    await ask(crowd, [{ kind: 'confirm', stay, wanted: {} }], ['PATCH', `bookings/${id}/status`, body])
  } else if (dice < 9) {
    const body = { cancelled_by: 'guest' }
    await ask(crowd, [{ kind: 'cancel', stay, wanted: {} }], ['POST', `bookings/${id}/cancellation`, body])
  } else {
    await ask(crowd, [{ kind: 'delete', stay, wanted: {} }], ['DELETE', `bookings/${id}`])
  }
}

type Request = readonly [method: string, path: string, body?: object]

async function ask(
  crowd: Crowd,
  asked: readonly { kind: Kind; stay: number; wanted: Partial<StayState> }[],
  [method, path, body]: Request,
  then: (answer: Answer) => void = () => {},
): Promise<void> {
  await crowd.recorder.record(asked, async () => {
    const answer = await callerIn(crowd)
      .send(method, path, body)
      .catch((error: NodeJS.ErrnoException) => error)
    if (answer instanceof Error) return withoutAnswer(answer)
    if (answer.status < 300) then(answer)
    return outcomeOf(answer, asked[0]?.kind ?? 'move')
  })
}

/** A connection that broke says nothing about what was done; one that there never was asked for nothing. */
async function withoutAnswer({ code }: NodeJS.ErrnoException): Promise<Outcome> {
  if (code !== 'ECONNREFUSED') return { outcome: 'info' }
  await delay(20)
  return { outcome: 'fail' }
}

/** Above 500 only the refusals that say that nothing was saved are refusals; whatever else may have been carried out. */
function outcomeOf({ status, code, body }: Answer, kind: Kind): Outcome {
  if (status < 300) return { outcome: 'ok', became: becameOf(body, kind) }
  const is_refusal = status < 500 || ['POOL_EXHAUSTED', 'OVERLOADED', 'TX_CONTENTION', 'LOCK_TIMEOUT'].includes(code)
  return { outcome: is_refusal ? 'fail' : 'info' }
}

function becameOf(body: Record<string, unknown>, kind: Kind): StayState | undefined {
  if (kind === 'release' || kind === 'delete') return undefined
  const { property_id, check_in, check_out } = body as unknown as Nights
  const status = kind === 'hold' ? 'held' : (body.status as Status)
  return { property_id, check_in, check_out, status }
}

function learn(crowd: Crowd, { body }: Answer, what: Omit<Known, 'id'>): void {
  crowd.known.push({ ...what, id: String(body.id) })
  // The oldest are forgotten: a stay that everybody keeps changing is a puzzle of thousands of orders.
  if (crowd.known.length > 60) crowd.known.shift()
}
