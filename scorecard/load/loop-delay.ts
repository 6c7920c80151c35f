// Asks the probe in an API process (loop-probe.ts).
import { connect } from 'node:net'
import { join } from 'node:path'
import { freePort } from '../stage/ports.ts'
import type { LoopDelay } from './loop-probe.ts'

export interface LoopProbe {
  /** For the API process. */
  readonly env: Readonly<Record<string, string>>
  /** How late its event loop has been since the last call. */
  read(): Promise<LoopDelay>
}

export async function createLoopProbe(): Promise<LoopProbe> {
  const port = await freePort()
  const file = join(import.meta.dirname, 'loop-probe.ts')
  return {
    env: { NODE_OPTIONS: `--import ${file}`, PROBE_PORT: String(port) },
    async read() {
      const socket = connect(port, '127.0.0.1')
      let text = ''
      for await (const part of socket.setEncoding('utf8')) text += part
      return JSON.parse(text) as LoopDelay
    },
  }
}
