// The faults raised inside the process stay inside the reply.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import type { Database } from '../../../core/database.ts'
import { PoolExhaustedError } from '../../../core/outages.ts'
import type { Api } from '../../../http/api.ts'
import { provocativeRoutes } from './here.ts'

test('a crowd that gives up one after the other ends the request and not the process', async (t) => {
  const routes = new Map<string, () => Promise<unknown>>()
  const app = { get: (path: string, _options: unknown, handler: () => Promise<unknown>) => routes.set(path, handler) }
  let asked = 0
  const db = {
    systemTx: async () => {
      asked += 1
      for (let turns = asked; turns > 0; turns -= 1) await turn()
      throw new PoolExhaustedError()
    },
  }
  provocativeRoutes(app as unknown as Api, db as unknown as Database)
  const unheard: unknown[] = []
  const onUnheard = (reason: unknown) => unheard.push(reason)
  process.on('unhandledRejection', onUnheard)
  t.after(() => process.off('unhandledRejection', onUnheard))

  await assert.rejects(async () => routes.get('/provoke/crowd')?.(), PoolExhaustedError)
  assert.deepEqual(unheard, [])
})
