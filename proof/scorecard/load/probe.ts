// Reads the probe of an API process (probe-inside.ts).
import { connect } from 'node:net'
import { freePort } from '../../../test/free-port.ts'
import type { ProbeReading } from './probe-inside.ts'

export interface Probe {
  /** Environment variables for the API process. */
  readonly env: Readonly<Record<string, string>>
  read(): Promise<ProbeReading>
}

export async function createProbe(): Promise<Probe> {
  const port = await freePort()
  const file = import.meta.resolve('./probe-inside.ts')
  return {
    env: { NODE_OPTIONS: `--import ${file}`, PROBE_PORT: String(port) },
    async read() {
      const socket = connect(port, '127.0.0.1')
      let text = ''
      for await (const part of socket.setEncoding('utf8')) text += part
      return JSON.parse(text) as ProbeReading
    },
  }
}
