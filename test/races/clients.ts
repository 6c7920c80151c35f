// Many concurrent clients over real sockets; every answer has its start and end time.
import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Api } from '../../src/http/api.ts'
import { type Answer, createSender, type Sender } from '../sender.ts'

export type { Answer }

/** On a busy machine a request may wait too long in a queue. It has changed nothing then. */
const capacity_codes = ['TX_CONTENTION', 'POOL_EXHAUSTED', 'OVERLOADED', 'LOCK_TIMEOUT']

/** `send` repeats requests that were refused for lack of capacity, as clients do. */
export interface RaceClients extends Sender {
  /** Sends `n` requests; none is handled before all have arrived. Returns the answers. */
  together<T>(n: number, send: (i: number) => Promise<T>): Promise<T[]>
  /** Sends once, also when the service has no capacity. */
  sendOnce: Sender['send']
}

/** Starts `n` actions at once and returns their results. */
export function times<T>(n: number, make: (i: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: n }, (_, i) => make(i)))
}

/** Listens on a free port and sends requests there with this token. */
export async function startClients(app: Api, token: string): Promise<RaceClients> {
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  const sender = createSender(`http://127.0.0.1:${port}`, token)
  const holdBack = createBarrier(app)

  const send: Sender['send'] = async (...request) => {
    const answer = await sender.send(...request)
    return answer.status === 503 && capacity_codes.includes(answer.code) ? send(...request) : answer
  }

  return {
    ...sender,
    send,
    sendOnce: sender.send,
    async together(n, send) {
      const isComplete = holdBack(n)
      const answers = await times(n, send)
      if (!isComplete()) throw new Error(`fewer than ${n} requests have arrived`)
      return answers
    },
  }
}

/** Returns a function that holds the next `n` requests back until the last of them has arrived. */
function createBarrier(app: Api): (n: number) => () => boolean {
  const handlers = app.server.listeners('request') as RequestListener[]
  let held: Parameters<RequestListener>[] = []
  let wanted = 0
  app.server.removeAllListeners('request')
  app.server.on('request', (...request) => {
    held.push(request)
    if (held.length < wanted) return
    const arrived = held
    held = []
    wanted = 0
    for (const one of arrived) for (const handle of handlers) handle.apply(app.server, one)
  })
  return (n) => {
    wanted = n
    return () => wanted === 0
  }
}

/**
 * The answers of two sides that want the same thing. In the first round `one` is answered before
 * `other` is sent, in the second the reverse: each side wins at least once on any machine. In all
 * other rounds `atOnce` sends both.
 */
export async function contest<A, B>(
  round: number,
  one: () => Promise<A>,
  other: () => Promise<B>,
  atOnce: () => Promise<[A, B]>,
): Promise<[A, B]> {
  if (round === 0) {
    const first = await one()
    return [first, await other()]
  }
  if (round > 1) return atOnce()
  const first = await other()
  return [await one(), first]
}

/** From the first request to the last answer, in ms. */
export function duration(answers: readonly Answer[]): number {
  return Math.max(...answers.map(({ ended }) => ended)) - Math.min(...answers.map(({ began }) => began))
}

/** How many requests were sent before the first response. */
export function sentBeforeFirstAnswer(answers: readonly Answer[]): number {
  const first = Math.min(...answers.map(({ ended }) => ended))
  return answers.filter(({ began }) => began < first).length
}
