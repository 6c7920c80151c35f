// Many clients at once over real sockets: each request with its answer and when it began and ended.
import type { AddressInfo } from 'node:net'
import type { Api } from '../../src/http/api.ts'
import { type Answer, createSender, type Sender } from '../sender.ts'

export type { Answer }

export interface Rush extends Sender {
  /** The most requests that the server has had in its hands at once, since the last call. */
  peak(): number
  /** As `send`, and again as long as the answer is that too many wait: on a busy machine a queue is longer than it may be. */
  insist: Sender['send']
}

/** Listens on a free port and calls itself with this token. */
export async function startRush(app: Api, token: string): Promise<Rush> {
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  const sender = createSender(`http://127.0.0.1:${port}`, token)
  let in_flight = 0
  let peak = 0
  app.server.on('request', (_request, reply) => {
    in_flight += 1
    peak = Math.max(peak, in_flight)
    reply.once('close', () => {
      in_flight -= 1
    })
  })

  const insist: Sender['send'] = async (...request) => {
    const answer = await sender.send(...request)
    return answer.status === 503 && answer.code === 'TX_CONTENTION' ? insist(...request) : answer
  }

  return {
    ...sender,
    insist,
    peak: () => {
      const highest = peak
      peak = in_flight
      return highest
    },
  }
}

/** From the first request to the last answer, in ms. */
export function duration(answers: readonly Answer[]): number {
  return Math.max(...answers.map(({ ended }) => ended)) - Math.min(...answers.map(({ began }) => began))
}

/** How many of the requests were sent before any of them was answered. */
export function sentBeforeFirstAnswer(answers: readonly Answer[]): number {
  const first = Math.min(...answers.map(({ ended }) => ended))
  return answers.filter(({ began }) => began < first).length
}
