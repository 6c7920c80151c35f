// Polls a health endpoint while a fault lasts.
import type { Sender } from '../../../test/sender.ts'
import { stopWithEnvironment } from './loads.ts'

export async function answersReady(sender: Sender): Promise<boolean> {
  return (await sender.send('GET', '/health/ready')).status === 200
}

export interface PollResult {
  /** 0: no answer. */
  readonly status: number
  readonly ms: number
}

/** Requests the path ten times per second until `stop` is called. */
export function startPolling(sender: Sender, path: string): { stop(): Promise<PollResult[]> } {
  const results: Promise<PollResult>[] = []
  const poll = () =>
    sender.send('GET', path).then(
      ({ status, began, ended }) => ({ status, ms: ended - began }),
      () => ({ status: 0, ms: Number.POSITIVE_INFINITY }),
    )
  const timer = setInterval(() => results.push(poll()), 100)
  stopWithEnvironment(() => clearInterval(timer))
  return {
    async stop() {
      clearInterval(timer)
      return Promise.all(results)
    },
  }
}
