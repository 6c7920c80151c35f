// Loaded into an API process with --import: serves its CPU time on CPU_PORT.
import { createServer } from 'node:net'

export interface CpuUsage {
  /** CPU time of the event-loop thread. */
  readonly loop_ms: number
  /** CPU time of all threads, including password hashing and garbage collection. */
  readonly process_ms: number
}

createServer((socket) => {
  socket.on('error', () => {})
  socket.on('data', () => {
    const loop = process.threadCpuUsage()
    const all = process.cpuUsage()
    const used: CpuUsage = { loop_ms: (loop.user + loop.system) / 1000, process_ms: (all.user + all.system) / 1000 }
    socket.write(`${JSON.stringify(used)}\n`)
  })
})
  .listen(Number(process.env.CPU_PORT), '127.0.0.1')
  .unref()
