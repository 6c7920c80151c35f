// Loaded into an API process with --import: tells whoever connects to PROBE_PORT how late its event loop has been.
import { createServer } from 'node:net'
import { monitorEventLoopDelay } from 'node:perf_hooks'

/** Milliseconds that timers came late since the last time it was asked. */
export interface LoopDelay {
  readonly p99_ms: number
  readonly max_ms: number
}

const resolution_ms = 5
const delay = monitorEventLoopDelay({ resolution: resolution_ms })
delay.enable()

/** The histogram holds whole intervals between two ticks: what is over the resolution is the delay. */
const late = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - resolution_ms)

const port = Number(process.env.PROBE_PORT)
createServer((socket) => {
  const told: LoopDelay = { p99_ms: late(delay.percentile(99)), max_ms: late(delay.max) }
  delay.reset()
  socket.end(JSON.stringify(told))
})
  .listen(port, '127.0.0.1')
  .unref()
