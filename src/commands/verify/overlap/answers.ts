// The answers to a race: sent at once over connections that stay open, and timed.
import { setTimeout as delay } from 'node:timers/promises'
import type { Caller } from '../contract/scene.ts'

export interface Answer {
  /** 0 when there was none. */
  readonly status: number
  /** The error's code, '' for a success; what went wrong when there was no answer. */
  readonly code: string
  readonly body: Readonly<Record<string, unknown>>
  readonly ms: number
}

const longest_ms = 30_000
const pause_ms = 200

/** Never rejects. A property's queue may be full: as any client does, it asks again then, for half a minute. */
export async function ask(caller: Caller, method: string, path: string, body?: object): Promise<Answer> {
  const began = performance.now()
  let answer = await askOnce(caller, method, path, body)
  while (answer.code === 'TX_CONTENTION' && performance.now() - began < longest_ms) {
    await delay(pause_ms)
    answer = await askOnce(caller, method, path, body)
  }
  return { ...answer, ms: performance.now() - began }
}

async function askOnce(caller: Caller, method: string, path: string, body?: object): Promise<Answer> {
  const began = performance.now()
  try {
    const { status, text } = await caller.request(method, path, body)
    const parsed = text === '' ? {} : (JSON.parse(text) as { error?: { code?: string } })
    return { status, code: parsed.error?.code ?? '', body: { ...parsed }, ms: performance.now() - began }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return { status: 0, code: `no answer: ${code ?? message}`, body: {}, ms: performance.now() - began }
  }
}
