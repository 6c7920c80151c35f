// Clients that change bookings and holds at random and record every answer.

import { setTimeout as delay } from 'node:timers/promises'
import type { Answer, Sender } from '../../../test/sender.ts'
import { dayAfter } from '../../../test/steps.ts'
import type { Kind, Nights, Outcome, Recorder, Status, StayState } from './history.ts'

/** A stay known to all clients; any client may change it. */
interface KnownStay {
  readonly stay: number
  readonly id: string
  readonly is_hold: boolean
}

/** State that all clients share. */
export interface Workload {
  readonly recorder: Recorder
  readonly properties: readonly string[]
  /** Each request goes to a random one of these. */
  readonly senders: readonly Sender[]
  readonly known: KnownStay[]
  /** Returns numbers in [0, 1). */
  readonly random: () => number
  is_over(): boolean
}

const first_day = '2031-01-01'
const season_days = 40

/** Runs one client until the workload is over. */
export async function runClient(workload: Workload): Promise<void> {
  while (!workload.is_over()) {
    const known = workload.known[upTo(workload, workload.known.length)]
    if (known === undefined || workload.random() < 0.3) await (workload.random() < 0.3 ? hold : create)(workload)
    else if (known.is_hold) await changeHold(workload, known)
    else await changeBooking(workload, known)
  }
}

function upTo({ random }: Workload, n: number): number {
  return Math.floor(random() * n)
}

function anyNights(workload: Workload): Nights {
  const check_in = dayAfter(first_day, upTo(workload, season_days))
  const check_out = dayAfter(check_in, 1 + upTo(workload, 7))
  return { property_id: workload.properties[upTo(workload, workload.properties.length)] ?? '', check_in, check_out }
}

function pickSender(workload: Workload): Sender {
  return workload.senders[upTo(workload, workload.senders.length)] as Sender
}

async function create(workload: Workload): Promise<void> {
  const stay = workload.recorder.next()
  const status = workload.random() < 0.5 ? ('pending' as const) : ('confirmed' as const)
  const nights = anyNights(workload)
  const body = { ...nights, status, num_adults: 1, internal_notes: String(stay) }
  await send(
    workload,
    [{ kind: 'create', stay, wanted: { ...nights, status } }],
    ['POST', 'bookings', body],
    (answer) => remember(workload, answer, { stay, is_hold: false }),
  )
}

async function hold(workload: Workload): Promise<void> {
  const stay = workload.recorder.next()
  const nights = anyNights(workload)
  const headers = { 'x-request-id': `hold-${stay}` }
  await send(
    workload,
    [{ kind: 'hold', stay, wanted: { ...nights, status: 'held' } }],
    ['POST', 'holds', nights, headers],
    (answer) => remember(workload, answer, { stay, is_hold: true }),
  )
}

async function changeHold(workload: Workload, { stay, id }: KnownStay): Promise<void> {
  if (workload.random() < 0.5) {
    await send(workload, [{ kind: 'release', stay, wanted: {} }], ['DELETE', `holds/${id}`])
    return
  }
  const booking = workload.recorder.next()
  const body = { num_adults: 1, internal_notes: String(booking) }
  const nights = workload.recorder.history.find((one) => one.kind === 'hold' && one.stay === stay)?.wanted
  const wanted = { ...nights, status: 'confirmed' as const }
  const both = [
    { kind: 'book' as const, stay, wanted: {} },
    { kind: 'create' as const, stay: booking, wanted },
  ]
  await send(workload, both, ['POST', `holds/${id}/booking`, body], (answer) =>
    remember(workload, answer, { stay: booking, is_hold: false }),
  )
}

async function changeBooking(workload: Workload, { stay, id }: KnownStay): Promise<void> {
  const choice = upTo(workload, 10)
  if (choice < 4) {
    const { property_id, ...dates } = anyNights(workload)
    const wanted = workload.random() < 0.5 ? { property_id, ...dates } : dates
    await send(workload, [{ kind: 'move', stay, wanted }], ['PATCH', `bookings/${id}`, wanted])
  } else if (choice < 7) {
    const body = { status: 'confirmed' }
    await send(workload, [{ kind: 'confirm', stay, wanted: {} }], ['PATCH', `bookings/${id}/status`, body])
  } else if (choice < 9) {
    const body = { cancelled_by: 'guest' }
    await send(workload, [{ kind: 'cancel', stay, wanted: {} }], ['POST', `bookings/${id}/cancellation`, body])
  } else {
    await send(workload, [{ kind: 'delete', stay, wanted: {} }], ['DELETE', `bookings/${id}`])
  }
}

type Request = readonly [method: string, path: string, body?: object, headers?: Record<string, string>]

async function send(
  workload: Workload,
  operations: readonly { kind: Kind; stay: number; wanted: Partial<StayState> }[],
  [method, path, body, headers]: Request,
  onSuccess: (answer: Answer) => void = () => {},
): Promise<void> {
  await workload.recorder.record(operations, async () => {
    const answer = await pickSender(workload)
      .send(method, path, body, headers)
      .catch((error: NodeJS.ErrnoException) => error)
    if (answer instanceof Error) return outcomeOfError(answer)
    if (answer.status < 300) onSuccess(answer)
    return outcomeOf(answer, operations[0]?.kind ?? 'move')
  })
}

/** A refused connection has no effect. After any other error the outcome is unknown. */
async function outcomeOfError({ code }: NodeJS.ErrnoException): Promise<Outcome> {
  if (code !== 'ECONNREFUSED') return { outcome: 'info' }
  await delay(20)
  return { outcome: 'fail' }
}

/** Of 5xx answers only these codes guarantee that nothing was saved. After any other the outcome is unknown. */
function outcomeOf({ status, code, body }: Answer, kind: Kind): Outcome {
  if (status < 300) return { outcome: 'ok', became: becameOf(body, kind) }
  const is_rejected = status < 500 || ['POOL_EXHAUSTED', 'OVERLOADED', 'TX_CONTENTION', 'LOCK_TIMEOUT'].includes(code)
  return { outcome: is_rejected ? 'fail' : 'info' }
}

function becameOf(body: Record<string, unknown>, kind: Kind): StayState | undefined {
  if (kind === 'release' || kind === 'delete') return undefined
  const { property_id, check_in, check_out } = body as unknown as Nights
  const status = kind === 'hold' ? 'held' : (body.status as Status)
  return { property_id, check_in, check_out, status }
}

function remember(workload: Workload, { body }: Answer, what: Omit<KnownStay, 'id'>): void {
  workload.known.push({ ...what, id: String(body.id) })
  // Forgets the oldest stay: many operations on one stay would make the search of the checker too large.
  if (workload.known.length > 60) workload.known.shift()
}
