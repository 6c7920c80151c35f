// Asks an API process what it has used of the processor (cpu-inside.ts), over one connection that stays.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { freePort } from '../../../test/free-port.ts'
import type { Used } from './cpu-inside.ts'

export interface CpuMeter {
  /** For the API process. */
  readonly env: Readonly<Record<string, string>>
  /** What the process used for the work, asked before and after. */
  during(work: () => Promise<unknown>): Promise<Used>
  close(): void
}

export async function createCpuMeter(): Promise<CpuMeter> {
  const port = await freePort()
  const file = join(import.meta.dirname, 'cpu-inside.ts')
  let socket: Socket | undefined

  async function read(): Promise<Used> {
    socket ??= connect(port, '127.0.0.1').setEncoding('utf8').setNoDelay()
    socket.write('?')
    // One line, far below what fits into a packet.
    const [line] = await once(socket, 'data')
    return JSON.parse(line) as Used
  }

  return {
    env: { NODE_OPTIONS: `--import ${file}`, CPU_PORT: String(port) },
    async during(work) {
      const before = await read()
      await work()
      const after = await read()
      return { loop_ms: after.loop_ms - before.loop_ms, process_ms: after.process_ms - before.process_ms }
    },
    close: () => socket?.destroy(),
  }
}
