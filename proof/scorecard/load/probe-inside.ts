// Loaded into an API process with --import: serves event-loop delay and heap size on PROBE_PORT.
import { createServer } from 'node:net'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

export interface ProbeReading {
  /** Event-loop delay since the last reading. */
  readonly delay_p99_ms: number
  readonly delay_max_ms: number
  /** Used heap after a full garbage collection. */
  readonly heap_mb: number
}

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')
const resolution_ms = 5
const delay = monitorEventLoopDelay({ resolution: resolution_ms })
delay.enable()

/** The histogram records whole intervals between ticks; the delay is what exceeds the resolution. */
const delayOf = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - resolution_ms)

createServer((socket) => {
  const delays = { delay_p99_ms: delayOf(delay.percentile(99)), delay_max_ms: delayOf(delay.max) }
  collect()
  const reading: ProbeReading = { ...delays, heap_mb: process.memoryUsage().heapUsed / 2 ** 20 }
  // The collection itself delays the loop: reset the histogram after that delay has been recorded.
  setTimeout(() => {
    delay.reset()
    socket.end(JSON.stringify(reading))
  }, 10 * resolution_ms)
})
  .listen(Number(process.env.PROBE_PORT), '127.0.0.1')
  .unref()
