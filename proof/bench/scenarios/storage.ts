// Disk space of a booking: its rows in every table, with the indexes as inserts leave them.
import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import { withConnection } from '../../scorecard/environment/connect.ts'
import { cases } from '../cases.ts'
import { createDatabase, fill } from '../data.ts'
import type { Figure } from '../figures.ts'
import type { Scenario } from '../scenarios.ts'
import { productionEnv, roostSystem, serveRoost } from '../systems/roost.ts'

/** Small compared with the bookings that the scenario adds. */
const volume = { agencies: 50, properties: 40, bookings: 1 }
const tables = ['bookings', 'guests', 'occupancies', 'audit_log', 'audit_seals'] as const
const seconds = 20

export const storage: Scenario = {
  id: 'storage',
  title: 'disk space of a booking with its guest, nights, audit entry and seal',
  seconds: { full: 60 },
  run: async ({ fixture: { cluster, dataset, folder } }) => {
    const urls = await createDatabase(cluster, 'roost_storage')
    return withConnection(urls.owner, async (client) => {
      await fill(client, volume)
      await client.query('vacuum analyze')
      const before = await sizesIn(client)
      const api = await serveRoost(folder, productionEnv(urls))
      try {
        const roost = roostSystem([api], cluster, { ...dataset, volume })
        const create = cases.find(({ id }) => id === 'create-guest')
        if (create === undefined) throw new Error('there is no case create-guest')
        await roost.run(create, seconds)
        // The worker seals new audit entries every two seconds.
        await delay(5000)
      } finally {
        await api.kill()
      }
      const after = await sizesIn(client)
      return figuresOf(before, after)
    })
  },
}

type Sizes = Readonly<Record<string, { readonly rows: number; readonly heap: number; readonly indexes: number }>>

async function sizesIn(client: pg.Client): Promise<Sizes> {
  const sizes: Record<string, Sizes[string]> = {}
  for (const table of tables) {
    const { rows } = await client.query(
      `select (select count(*)::int from ${table}) as rows, pg_table_size('${table}')::float8 as heap,
         pg_indexes_size('${table}')::float8 as indexes`,
    )
    sizes[table] = rows[0]
  }
  return sizes
}

function figuresOf(before: Sizes, after: Sizes): Figure[] {
  const added = (table: string, what: 'rows' | 'heap' | 'indexes') =>
    (after[table]?.[what] ?? 0) - (before[table]?.[what] ?? 0)
  const made = added('bookings', 'rows')
  const bytes = tables.map((table) => ({
    table,
    heap: added(table, 'heap') / added(table, 'rows'),
    indexes: added(table, 'indexes') / added(table, 'rows'),
  }))
  const whole = bytes.reduce((sum, { heap, indexes }) => sum + heap + indexes, 0)
  return [
    { name: 'bookings created', value: made, unit: '' },
    ...bytes.flatMap(({ table, heap, indexes }) => [
      { name: `${table}, row`, value: heap, unit: 'bytes' },
      { name: `${table}, indexes`, value: indexes, unit: 'bytes' },
    ]),
    { name: 'total per booking', value: whole, unit: 'bytes' },
  ]
}
