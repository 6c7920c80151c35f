// What the service sends to PostgreSQL for one request, heard on the wire between the two: whatever its SQL is, it is that.

import { exchange } from '../../../test/raw-socket.ts'
import { startProxy } from '../../../test/tcp-proxy.ts'
import type { Cluster } from '../../scorecard/environment/cluster.ts'
import { type RoostProcess, startRoost } from '../../scorecard/environment/roost-process.ts'
import { type Conversation, followConversation, type Turn } from './wire.ts'

export interface Listener {
  /**
   * Sends the request and returns the turns of the connection that `belongs` says it was on: a value of its statements
   * holds that text (the agency's id). Throws when there is none.
   */
  turnsOf(request: string, belongs: string): Promise<Turn[]>
  close(): Promise<void>
}

/** A service of its own, without worker, with everything between it and the server heard. */
export async function listenIn(cluster: Cluster, env: Readonly<Record<string, string>>): Promise<Listener> {
  const conversations = new Map<object, Conversation>()
  const proxy = await startProxy(cluster.port, (from, piece, connection) => {
    const known = conversations.get(connection) ?? followConversation()
    conversations.set(connection, known)
    known.hear(from, piece)
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

  const takeAll = () => [...conversations.values()].map((one) => one.take())
  return {
    async turnsOf(request, belongs) {
      takeAll()
      await exchange(api.port, { parts: [request], patience: 10_000 })
      const turns = takeAll().find((one) =>
        one.flat().some(({ values }) => values.some((value) => String(value).includes(belongs))),
      )
      if (turns === undefined) throw new Error('the service sent no statement for this agency')
      return turns
    },
    async close() {
      await api.kill()
      await proxy.close()
    },
  }
}
