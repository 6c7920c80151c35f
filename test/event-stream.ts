// A client of text/event-stream: collects changes, comments and ids as they arrive.
import assert from 'node:assert/strict'
import { until } from './until.ts'

export interface EventStream {
  readonly status: number
  readonly headers: Headers
  /** Everything received so far. */
  text(): string
  /** The data of each event. */
  changes(): Record<string, unknown>[]
  /** The last id, of an event or beside a comment. */
  lastId(): string | undefined
  /** Waits for so many changes and returns them. */
  take(count: number): Promise<Record<string, unknown>[]>
  /** Resolves when the server has ended the response. */
  readonly ended: Promise<void>
  close(): void
}

export async function openEventStream(
  url: string,
  token: string,
  more: Record<string, string> = {},
): Promise<EventStream> {
  const abort = new AbortController()
  const headers = { accept: 'text/event-stream', authorization: `Bearer ${token}`, ...more }
  const response = await fetch(url, { headers, signal: abort.signal })
  let text = ''
  async function read(): Promise<void> {
    const decoder = new TextDecoder()
    for await (const chunk of response.body ?? []) text += decoder.decode(chunk as Uint8Array, { stream: true })
  }
  const linesOf = (field: string) =>
    text
      .slice(0, text.lastIndexOf('\n\n') + 1)
      .split('\n')
      .flatMap((line) => (line.startsWith(`${field}: `) ? [line.slice(field.length + 2)] : []))
  const changes = () => linesOf('data').map((line) => JSON.parse(line))
  return {
    status: response.status,
    headers: response.headers,
    text: () => text,
    changes,
    lastId: () => linesOf('id').at(-1),
    async take(count) {
      await until(() => changes().length >= count)
      assert.equal(changes().length, count, text)
      return changes()
    },
    ended: read().catch(() => {}),
    close: () => abort.abort(),
  }
}
