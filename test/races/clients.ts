// Many concurrent clients over real sockets; every answer has its start and end time.
import type { AddressInfo } from 'node:net'
import type { Api } from '../../src/http/api.ts'
import { type Answer, createSender, type Sender } from '../sender.ts'

export type { Answer }

export interface RaceClients extends Sender {
  /** The highest number of concurrent requests since the last call. */
  peak(): number
  /** Like `send`, repeated while the answer is TX_CONTENTION: on a busy machine the queue can be full. */
  sendUntilAdmitted: Sender['send']
}

/** Listens on a free port and sends requests there with this token. */
export async function startClients(app: Api, token: string): Promise<RaceClients> {
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

  const sendUntilAdmitted: Sender['send'] = async (...request) => {
    const answer = await sender.send(...request)
    return answer.status === 503 && answer.code === 'TX_CONTENTION' ? sendUntilAdmitted(...request) : answer
  }

  return {
    ...sender,
    sendUntilAdmitted,
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

/** How many requests were sent before the first response. */
export function sentBeforeFirstAnswer(answers: readonly Answer[]): number {
  const first = Math.min(...answers.map(({ ended }) => ended))
  return answers.filter(({ began }) => began < first).length
}
