// Loaded into an API process with --import: answers on CPU_PORT with the processor time of the process.
import { createServer } from 'node:net'

export interface Used {
  /** Milliseconds of the thread with the event loop. */
  readonly loop_ms: number
  /** Milliseconds of all threads: passwords are hashed, and garbage is partly collected, in others. */
  readonly process_ms: number
}

createServer((socket) => {
  socket.on('error', () => {})
  socket.on('data', () => {
    const loop = process.threadCpuUsage()
    const all = process.cpuUsage()
    const used: Used = { loop_ms: (loop.user + loop.system) / 1000, process_ms: (all.user + all.system) / 1000 }
    socket.write(`${JSON.stringify(used)}\n`)
  })
})
  .listen(Number(process.env.CPU_PORT), '127.0.0.1')
  .unref()
