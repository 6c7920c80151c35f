// The answers to a race: sent at once over connections that stay open, and timed.
import type { Caller } from '../contract/scene.ts'

export interface Answer {
  /** 0 when there was none. */
  readonly status: number
  /** The error's code, '' for a success; what went wrong when there was no answer. */
  readonly code: string
  readonly body: Readonly<Record<string, unknown>>
  readonly ms: number
}

/** Never rejects. */
export async function ask(caller: Caller, method: string, path: string, body?: object): Promise<Answer> {
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
