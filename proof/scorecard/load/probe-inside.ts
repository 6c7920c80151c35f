// Loaded into an API process with --import: tells whoever connects to PROBE_PORT how the process is.
import { createServer } from 'node:net'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

export interface Inside {
  /** Milliseconds that timers came late since the last time it was asked. */
  readonly delay_p99_ms: number
  readonly delay_max_ms: number
  /** What the process keeps, after a full collection. */
  readonly heap_mb: number
}

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')
const resolution_ms = 5
const delay = monitorEventLoopDelay({ resolution: resolution_ms })
delay.enable()

/** The histogram holds whole intervals between two ticks: what is over the resolution is the delay. */
const late = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - resolution_ms)

createServer((socket) => {
  const delays = { delay_p99_ms: late(delay.percentile(99)), delay_max_ms: late(delay.max) }
  collect()
  const told: Inside = { ...delays, heap_mb: process.memoryUsage().heapUsed / 2 ** 20 }
  // The collection itself was a delay: it is over, and counted, a few turns later.
  setTimeout(() => {
    delay.reset()
    socket.end(JSON.stringify(told))
  }, 10 * resolution_ms)
})
  .listen(Number(process.env.PROBE_PORT), '127.0.0.1')
  .unref()
