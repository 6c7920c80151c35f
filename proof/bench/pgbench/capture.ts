// Records the statements that the service sends to PostgreSQL for a request, through a TCP proxy.

import { exchange } from '../../../test/raw-socket.ts'
import { startProxy } from '../../../test/tcp-proxy.ts'
import type { Cluster } from '../../scorecard/environment/cluster.ts'
import { type RoostProcess, startRoost } from '../../scorecard/environment/roost-process.ts'
import { createProtocolReader, type ProtocolReader, type RoundTrip } from './wire.ts'

export interface Recorder {
  /**
   * Sends the request and returns the round trips of the connection whose parameters contain `agency_id`. Throws when
   * there is none.
   */
  record(request: string, agency_id: string): Promise<RoundTrip[]>
  close(): Promise<void>
}

/** Starts a service without worker whose database connections run through the proxy. */
export async function startRecorder(cluster: Cluster, env: Readonly<Record<string, string>>): Promise<Recorder> {
  const readers = new Map<object, ProtocolReader>()
  const proxy = await startProxy(cluster.port, (from, chunk, connection) => {
    const reader = readers.get(connection) ?? createProtocolReader()
    readers.set(connection, reader)
    reader.push(from, chunk)
    return 'pass'
  })
  const url = new URL(env.DATABASE_URL ?? '')
  url.port = String(proxy.port)
  let api: RoostProcess
  try {
    api = await startRoost({ env: { ...env, DATABASE_URL: url.href, WORKER: 'off' } })
  } catch (error) {
    await proxy.close()
    throw error
  }

  const takeAll = () => [...readers.values()].map((one) => one.take())
  return {
    async record(request, agency_id) {
      takeAll()
      await exchange(api.port, { parts: [request], timeout_ms: 10_000 })
      const round_trips = takeAll().find((one) =>
        one.flat().some(({ values }) => values.some((value) => String(value).includes(agency_id))),
      )
      if (round_trips === undefined) throw new Error('the service sent no statement for this agency')
      return round_trips
    },
    async close() {
      await api.kill()
      await proxy.close()
    },
  }
}
