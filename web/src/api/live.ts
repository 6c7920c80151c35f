// Changes made elsewhere: one stream of events for all tabs of this browser.
import { authorizedFetch, type Schema } from './client.ts'

type Change = Schema['Change']
/** `missed`: the stream was interrupted before its first event, so anything may have changed. */
export type LiveMessage = readonly Change[] | 'missed'
type Listener = (message: LiveMessage) => void

const retry_ms = 2000
const listeners = new Set<Listener>()

/** Called with the changes of the agency, oldest first. Returns the function that ends this. */
export function subscribeToChanges(listener: Listener): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

const notify: Listener = (message) => {
  for (const listener of listeners) listener(message)
}

/**
 * Reads the changes of an agency until the signal aborts. The tab that holds the lock has the stream and passes the changes on;
 * when it closes, the next one takes over. Without Web Locks (plain http) each tab has a stream of its own.
 */
export function followChanges(agency_id: string, signal: AbortSignal): void {
  const name = `roost.changes.${agency_id}`
  const channel = new BroadcastChannel(name)
  channel.onmessage = ({ data }: MessageEvent<LiveMessage>) => notify(data)
  signal.addEventListener('abort', () => channel.close())
  const lead = () =>
    readStreams(signal, (message) => {
      notify(message)
      if (!signal.aborted) channel.postMessage(message)
    })
  if (navigator.locks === undefined) void lead()
  else navigator.locks.request(name, { signal }, lead).catch(() => {})
}

async function readStreams(signal: AbortSignal, pass: Listener): Promise<void> {
  let last_id: string | undefined
  let is_first = true
  while (!signal.aborted) {
    if (!is_first && last_id === undefined) pass('missed')
    is_first = false
    try {
      for await (const { id, change } of readStream(last_id, signal)) {
        last_id = id ?? last_id
        if (change !== undefined) pass([change])
      }
    } catch {
      // Without a connection: the banner says so, and the stream is tried again.
    }
    await pause(retry_ms, signal)
  }
}

interface StreamEvent {
  readonly id: string | undefined
  readonly change: Change | undefined
}

/** The events after `last_id`; without it, those from now on. */
async function* readStream(last_id: string | undefined, signal: AbortSignal): AsyncGenerator<StreamEvent> {
  const headers = { accept: 'text/event-stream', ...(last_id !== undefined && { 'last-event-id': last_id }) }
  const response = await authorizedFetch(new Request('/api/v1/changes', { headers, signal }))
  if (!response.ok || response.body === null) return void (await response.body?.cancel())
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    const events = (rest + next.value).split('\n\n')
    rest = events.pop() ?? ''
    for (const event of events) {
      const data = fieldOf(event, 'data')
      yield { id: fieldOf(event, 'id'), change: data === undefined ? undefined : (JSON.parse(data) as Change) }
    }
  }
}

const fieldOf = (event: string, name: string): string | undefined =>
  new RegExp(`^${name}: ?(.*)$`, 'm').exec(event)?.[1]

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
