// Sends the requests of a race and measures their duration.
import { setTimeout as delay } from 'node:timers/promises'
import type { Caller } from '../contract/caller.ts'

export interface Answer {
  /** 0 without a response. */
  readonly status: number
  /** The error code; '' for a success; the connection error without a response. */
  readonly code: string
  readonly body: Readonly<Record<string, unknown>>
  readonly ms: number
}

const retry_limit_ms = 30_000
const retry_interval_ms = 200

/** Never rejects. Retries TX_CONTENTION, the answer of a full property queue, for 30 s. */
export async function sendRequest(caller: Caller, method: string, path: string, body?: object): Promise<Answer> {
  const started = performance.now()
  let answer = await sendOnce(caller, method, path, body)
  while (answer.code === 'TX_CONTENTION' && performance.now() - started < retry_limit_ms) {
    await delay(retry_interval_ms)
    answer = await sendOnce(caller, method, path, body)
  }
  return { ...answer, ms: performance.now() - started }
}

async function sendOnce(caller: Caller, method: string, path: string, body?: object): Promise<Answer> {
  const started = performance.now()
  try {
    const { status, text } = await caller.request(method, path, body)
    const parsed = text === '' ? {} : (JSON.parse(text) as { error?: { code?: string } })
    return { status, code: parsed.error?.code ?? '', body: { ...parsed }, ms: performance.now() - started }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return { status: 0, code: `no response: ${code ?? message}`, body: {}, ms: performance.now() - started }
  }
}
