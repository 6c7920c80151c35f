// T4: two agencies share three PgBouncer connections without cross-tenant access.
import pg from 'pg'
import { apiRole } from '../../../test/api-role.ts'
import { castProperties, north, south } from '../../../test/cast.ts'
import { createSender, type Sender } from '../../../test/sender.ts'
import { type Environment, withEnvironment } from '../environment/environment.ts'
import { formatCounts } from '../environment/keyed-bookings.ts'
import { seededProperties } from '../environment/seed.ts'
import { atMost, exactly, info, injected, type Scenario } from '../scenario.ts'

const num_connections = 3
const num_clients = 50

interface Counts {
  sent: number
  /** Rows returned to each agency. */
  readonly rows: { north: number; south: number }
  foreign: number
  readonly kinds: Record<string, number>
}

export const pgbouncer: Scenario = {
  id: 'T4',
  title: 'Two API processes behind PgBouncer (transaction mode), two agencies on three connections',
  seconds: { full: 90, quick: 20 },
  run: (size) =>
    withEnvironment(async (environment) => {
      const requests = size === 'full' ? 50_000 : 4000
      const pooler = await environment.pgbouncer(num_connections)
      // Load shedding is off: the scenario checks the rows of answers, not refusals.
      const env = { DATABASE_URL: environment.urlOn(pooler.port), DATABASE_PREPARED: 'off', MAX_LOOP_DELAY: 'off' }
      const processes = await Promise.all([environment.serve(env), environment.serve(env)])
      const counts: Counts = { sent: 0, rows: { north: 0, south: 0 }, foreign: 0, kinds: {} }
      const running = Array.from({ length: num_clients }, async (_, client) => {
        const agency = client % 2 === 0 ? 'north' : 'south'
        const address = processes[client % 4 < 2 ? 0 : 1]?.address ?? ''
        const sender = createSender(address, await environment.token(users[agency]))
        while (counts.sent < requests) await sendOne(sender, agency, counts)
        sender.close()
      })
      await Promise.all(running)
      const sessions = await countSessions(environment)
      const inspected = await inspectConnections(environment.urlOn(pooler.port))
      return [
        injected('requests', counts.sent, requests),
        injected('rows returned to one agency', counts.rows.north, requests),
        injected('rows returned to the other agency', counts.rows.south, requests),
        exactly('rows of the other agency', counts.foreign, 0),
        exactly('answers other than 200, and 404 for foreign properties', countUnexpected(counts), 0),
        atMost('server connections of the API', sessions, num_connections),
        injected('connections inspected afterwards', inspected.backends, num_connections),
        exactly('of these with claims or a role left', inspected.with_state, 0),
        exactly('rows visible without claims', inspected.rows, 0),
        info('answers by kind', formatCounts(counts.kinds)),
      ]
    }),
}

const users = { north: 'admin', south: 'outsider' } as const

/** Reads a list, or every fifth time a property of the other agency by id. */
async function sendOne(sender: Sender, agency: 'north' | 'south', counts: Counts): Promise<void> {
  const n = counts.sent++
  const other = seededProperties[agency === 'north' ? 'south' : 'north']
  const is_foreign = n % 5 === 0
  const path = is_foreign ? `properties/${other[n % other.length]?.id}` : 'properties?limit=5'
  const { status, code, body } = await sender.send('GET', path)
  const kind = `${status} ${code}`.trim()
  counts.kinds[kind] = (counts.kinds[kind] ?? 0) + 1
  if (is_foreign && status === 200) counts.foreign += 1
  if (is_foreign || status !== 200) return
  const { items } = body as unknown as { items: readonly { id: string }[] }
  counts.rows[agency] += items.length
  counts.foreign += items.filter(({ id }) => !own[agency].has(id)).length
}

const idsOf = (agency_id: string) =>
  Object.values(castProperties).filter((property) => property.agency_id === agency_id)
const own = {
  north: new Set([...idsOf(north), ...seededProperties.north].map(({ id }) => id)),
  south: new Set([...idsOf(south), ...seededProperties.south].map(({ id }) => id)),
}

const countUnexpected = ({ sent, kinds }: Counts) => sent - (kinds['200'] ?? 0) - (kinds['404 PROPERTY_NOT_FOUND'] ?? 0)

async function countSessions({ owner }: Environment): Promise<number> {
  const { rows } = await owner.query('select count(*)::int as n from pg_stat_activity where usename = $1', [apiRole])
  return Number(rows[0]?.n)
}

/** Opens all server connections at the same time and looks for state of earlier transactions. */
async function inspectConnections(url: string) {
  const clients = Array.from({ length: num_connections }, () => new pg.Client({ connectionString: url }))
  const backends = new Set<number>()
  let with_state = 0
  let visible_rows = 0
  for (const client of clients) {
    await client.connect()
    await client.query('begin')
    const { rows } = await client.query(
      "select pg_backend_pid() as pid, current_user::text as who, coalesce(current_setting('request.jwt.claims', true), '') as claims",
    )
    backends.add(rows[0].pid)
    if (rows[0].who !== apiRole || rows[0].claims !== '') with_state += 1
    await client.query('savepoint before_query')
    const visible = await client.query('select count(*)::int as n from properties').catch(() => undefined)
    visible_rows += visible?.rows[0].n ?? 0
    await client.query('rollback to savepoint before_query')
    await client.query('set local role roost_tenant')
    visible_rows += (await client.query('select count(*)::int as n from properties')).rows[0].n
  }
  await Promise.all(clients.map((client) => client.query('rollback').then(() => client.end())))
  return { backends: backends.size, with_state, rows: visible_rows }
}
