// T4: two API processes behind PgBouncer in transaction mode, two agencies on three connections: nobody sees a row of
// the other, and a connection that is handed back remembers nobody.
import pg from 'pg'
import { apiRole } from '../../../test/api-role.ts'
import { castProperties, north, south } from '../../../test/cast.ts'
import { createSender, type Sender } from '../../../test/sender.ts'
import { describe } from '../environment/bookings.ts'
import { type Stage, withStage } from '../environment/environment.ts'
import { homes } from '../environment/seed.ts'
import { atMost, exactly, fired, type Measure, told } from '../scenario.ts'

const connections = 3
const clients = 50

interface Counts {
  asked: number
  /** Rows that were given out, to each agency. */
  readonly rows: { north: number; south: number }
  foreign: number
  readonly kinds: Record<string, number>
}

export const pgbouncer: Measure = {
  id: 'T4',
  title: 'Two processes behind PgBouncer (transaction mode), two agencies on three connections',
  seconds: { full: 90, quick: 20 },
  run: (size) =>
    withStage(async (stage) => {
      const requests = size === 'full' ? 50_000 : 4000
      const pooler = await stage.pgbouncer(connections)
      // A busy machine must not have requests refused: what is asked is whose rows they get.
      const env = { DATABASE_URL: stage.urlOn(pooler.port), DATABASE_PREPARED: 'off', MAX_LOOP_DELAY: 'off' }
      const processes = await Promise.all([stage.serve(env), stage.serve(env)])
      const counts: Counts = { asked: 0, rows: { north: 0, south: 0 }, foreign: 0, kinds: {} }
      const asking = Array.from({ length: clients }, async (_, client) => {
        const agency = client % 2 === 0 ? 'north' : 'south'
        const address = processes[client % 4 < 2 ? 0 : 1]?.address ?? ''
        const sender = createSender(address, await stage.token(people[agency]))
        while (counts.asked < requests) await ask(sender, agency, counts)
        sender.close()
      })
      await Promise.all(asking)
      const sessions = await sessionsOf(stage)
      const bare = await askBare(stage.urlOn(pooler.port))
      return [
        fired('requests', counts.asked, requests),
        fired('rows given to one agency', counts.rows.north, requests),
        fired('rows given to the other', counts.rows.south, requests),
        exactly('rows of the other agency', counts.foreign, 0),
        exactly('answers that are neither rows nor a 404 for the other agency', others(counts), 0),
        atMost('connections of the API to the server', sessions, connections),
        fired('connections looked at afterwards', bare.backends, connections),
        exactly('of them that remember claims or a role', bare.remembering, 0),
        exactly('rows a connection without claims sees', bare.rows, 0),
        told('what clients were told', describe(counts.kinds)),
      ]
    }),
}

const people = { north: 'admin', south: 'outsider' } as const

/** One list of its own, or every fifth time a home of the other agency by its id. */
async function ask(sender: Sender, agency: 'north' | 'south', counts: Counts): Promise<void> {
  const n = counts.asked++
  const other = homes[agency === 'north' ? 'south' : 'north']
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

const idsOf = (agency_id: string) => Object.values(castProperties).filter((house) => house.agency_id === agency_id)
const own = {
  north: new Set([...idsOf(north), ...homes.north].map(({ id }) => id)),
  south: new Set([...idsOf(south), ...homes.south].map(({ id }) => id)),
}

const others = ({ asked, kinds }: Counts) => asked - (kinds['200'] ?? 0) - (kinds['404 PROPERTY_NOT_FOUND'] ?? 0)

async function sessionsOf({ owner }: Stage): Promise<number> {
  const { rows } = await owner.query('select count(*)::int as n from pg_stat_activity where usename = $1', [apiRole])
  return Number(rows[0]?.n)
}

/** All connections of the pooler at once, each with a bare query. */
async function askBare(url: string) {
  const held = Array.from({ length: connections }, () => new pg.Client({ connectionString: url }))
  const backends = new Set<number>()
  let remembering = 0
  let rows_seen = 0
  for (const client of held) {
    await client.connect()
    await client.query('begin')
    const { rows } = await client.query(
      "select pg_backend_pid() as pid, current_user::text as who, coalesce(current_setting('request.jwt.claims', true), '') as claims",
    )
    backends.add(rows[0].pid)
    if (rows[0].who !== apiRole || rows[0].claims !== '') remembering += 1
    await client.query('savepoint bare')
    const found = await client.query('select count(*)::int as n from properties').catch(() => undefined)
    rows_seen += found?.rows[0].n ?? 0
    await client.query('rollback to savepoint bare')
    await client.query('set local role authenticated')
    rows_seen += (await client.query('select count(*)::int as n from properties')).rows[0].n
  }
  await Promise.all(held.map((client) => client.query('rollback').then(() => client.end())))
  return { backends: backends.size, remembering, rows: rows_seen }
}
