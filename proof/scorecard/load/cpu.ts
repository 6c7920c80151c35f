// Reads the CPU time of an API process (cpu-inside.ts) over one persistent connection.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { freePort } from '../../../test/free-port.ts'
import type { CpuUsage } from './cpu-inside.ts'

export interface CpuMeter {
  /** Environment variables for the API process. */
  readonly env: Readonly<Record<string, string>>
  /** The CPU time that the process used during `work`. */
  measure(work: () => Promise<unknown>): Promise<CpuUsage>
  close(): void
}

export async function createCpuMeter(): Promise<CpuMeter> {
  const port = await freePort()
  const file = import.meta.resolve('./cpu-inside.ts')
  let socket: Socket | undefined

  async function read(): Promise<CpuUsage> {
    socket ??= connect(port, '127.0.0.1').setEncoding('utf8').setNoDelay()
    socket.write('?')
    // The answer is one short line that fits into one packet.
    const [line] = await once(socket, 'data')
    return JSON.parse(line) as CpuUsage
  }

  return {
    env: { NODE_OPTIONS: `--import ${file}`, CPU_PORT: String(port) },
    async measure(work) {
      const before = await read()
      await work()
      const after = await read()
      return { loop_ms: after.loop_ms - before.loop_ms, process_ms: after.process_ms - before.process_ms }
    },
    close: () => socket?.destroy(),
  }
}
