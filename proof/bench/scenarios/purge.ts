// Rate and p99 of bookings with Idempotency-Key while a million expired keys are purged.

import { parseConfig } from '../../../src/config.ts'
import { purgeExpiredKeys } from '../../../src/core/idempotency.ts'
import { createLog } from '../../../src/core/log.ts'
import { openStore } from '../../../src/store.ts'
import { withConnection } from '../../scorecard/environment/connect.ts'
import { cases } from '../cases.ts'
import { createDatabase, fill } from '../data.ts'
import { type Sample, spreadOf } from '../figures.ts'
import type { Scenario } from '../scenarios.ts'
import { productionEnv, roostSystem, serveRoost } from '../systems/roost.ts'

const volume = { agencies: 50, properties: 40, bookings: 1 }
const expired = { full: 1_000_000, quick: 50_000 }
const seconds = 5

export const purge: Scenario = {
  id: 'purge',
  title: 'bookings with Idempotency-Key while 1,000,000 expired keys are purged',
  seconds: { full: 150 },
  run: async ({ is_quick, fixture: { cluster, dataset, folder } }) => {
    const urls = await createDatabase(cluster, 'roost_purge')
    await withConnection(urls.owner, async (client) => {
      await fill(client, volume)
      await client.query(
        `insert into idempotency_keys (agency_id, actor_id, key, fingerprint, status, headers, body, expires_at)
         select m.agency_id, m.user_id, 'old-' || n, decode(repeat('00', 32), 'hex'), 201, '{}',
           convert_to(repeat('x', 600), 'UTF8'), now() - interval '1 hour'
         from team_members m, generate_series(1, $1::int) n`,
        [expired[is_quick ? 'quick' : 'full'] / volume.agencies],
      )
      await client.query('vacuum analyze')
    })
    // Without worker: the scenario starts the purge itself.
    const env = { ...productionEnv(urls), WORKER: 'off' }
    const store = await openStore(parseConfig(env), createLog('silent'))
    const api = await serveRoost(folder, env)
    try {
      const roost = roostSystem([api], cluster, { ...dataset, volume })
      const create = cases.find(({ id }) => id === 'create-key')
      if (create === undefined) throw new Error('there is no case create-key')
      await roost.run(create, seconds)
      const before = await roost.run(create, seconds)
      let is_over = false
      const began = performance.now()
      const purging = purgeExpiredKeys(store.db).finally(() => {
        is_over = true
      })
      purging.catch(() => {})
      const during_purge: Sample[] = []
      while (!is_over) during_purge.push(await roost.run(create, seconds))
      const purged = await purging
      const rate = spreadOf(during_purge.map(({ per_second }) => per_second)).median
      return [
        { name: 'keys purged', value: purged, unit: '' },
        { name: 'duration of the purge', value: (performance.now() - began) / 1000, unit: 's' },
        { name: 'bookings per second before the purge', value: before.per_second, unit: '/s' },
        {
          name: 'bookings per second during the purge, relative to before',
          value: rate / before.per_second,
          unit: 'x',
        },
        { name: 'p99 of a booking before the purge', value: before.p99_ms, unit: 'ms' },
        {
          name: 'p99 during the purge, worst 5 s',
          value: Math.max(...during_purge.map(({ p99_ms }) => p99_ms)),
          unit: 'ms',
        },
      ]
    } finally {
      await api.kill()
      await store.close()
    }
  },
}
