// The physical limit: PostgreSQL does what the service asks of it, and nothing stands between it and its client.
import { accessSync } from 'node:fs'
import type { Cluster } from '../../scorecard/environment/cluster.ts'
import { onServer } from '../../scorecard/environment/connect.ts'
import { postgresProgram } from '../../scorecard/environment/tools.ts'
import { type Case, cases, type Ground, placeOf, reservedOf } from '../cases.ts'
import { agencyId, bookingId, propertyId, userId } from '../data.ts'
import { type Listener, listenIn } from '../pgbench/capture.ts'
import { runPgbench } from '../pgbench/run.ts'
import { type Heard, type Script, writeScript } from '../pgbench/script.ts'
import { type Contestant, connections, costOf } from './system.ts'

export function pgbenchIsMissing(): string | undefined {
  try {
    accessSync(postgresProgram('pgbench'))
    return undefined
  } catch {
    return 'no pgbench: apt-get install -y postgresql (its contrib programs)'
  }
}

export interface PgbenchOptions {
  readonly cluster: Cluster
  readonly urls: { readonly owner: string; readonly api: string }
  /** Of the service whose statements are listened to. */
  readonly env: Readonly<Record<string, string>>
  readonly ground: Ground
  readonly chosen: readonly Case[]
}

/** Listens to the service for each case, and writes the scripts. `note` hears of cases that cannot be written. */
export async function pgbenchContestant(options: PgbenchOptions, note: (line: string) => void): Promise<Contestant> {
  const { cluster, urls, ground } = options
  const scripts = await writeAll(options, note)
  const partsOf = ({ id, mix }: Case) => Object.entries(mix ?? { [id]: 1 })
  const takes = (one: Case) => partsOf(one).every(([id]) => scripts.has(id))
  /** The first block of nights that no run has used. */
  let next = 0

  return {
    name: 'pgbench',
    takes,
    // Its own answers are its check: pgbench ends when a statement fails.
    check: async () => {},
    run,
  }

  async function run(one: Case, seconds: number) {
    const parts = partsOf(one).map(([id, weight]) => ({ ...(scripts.get(id) as Script), weight }))
    const prefixes = partsOf(one).map(([id]) => prefixOf(id))
    const defined = Object.fromEntries(
      prefixes.flatMap((prefix) => [
        [`${prefix}k`, -1],
        [`${prefix}first`, next],
      ]),
    )
    const load = { url: urls.api, scripts: parts, defined, clients: connections, seconds }
    const { outcome, postgres } = await costOf(cluster, [], () => runPgbench(load))
    const { transactions, per_second, p50_ms, p99_ms } = outcome
    // A client that got twice its share is still far from the next run's blocks.
    if (one.is_fresh) next += connections * (Math.ceil((2 * transactions) / connections / ground.volume.properties) + 2)
    const cost = { own_cpu_ms: Number.NaN, postgres_cpu_ms: (postgres / transactions) * 1000 }
    return { answers: transactions, refused: 0, per_second, p50_ms, p99_ms, ...cost }
  }
}

const prefixOf = (id: string) => `${id.replaceAll('-', '')}_`

async function writeAll({ cluster, urls, env, ground, chosen }: PgbenchOptions, note: (line: string) => void) {
  const wanted = new Set(chosen.flatMap(({ id, mix }) => Object.keys(mix ?? { [id]: 1 })))
  const listener = await listenIn(cluster, env)
  const scripts = new Map<string, Script>()
  try {
    for (const one of cases) {
      if (one.day === undefined || !wanted.has(one.id)) continue
      try {
        scripts.set(one.id, await scriptFor(one, one.day, { listener, ground, owner: urls.owner }))
      } catch (error) {
        note(`no pgbench for ${one.id}: ${(error as Error).message}`)
      }
    }
  } finally {
    await listener.close()
  }
  return scripts
}

interface Hearing {
  readonly listener: Listener
  readonly ground: Ground
  readonly owner: string
}

async function scriptFor(one: Case, day: string, { listener, ground, owner }: Hearing): Promise<Script> {
  const from = reservedOf(ground.volume, cases.indexOf(one))
  const heard = async (agency: number, spare: number): Promise<Heard> => {
    const i = from + spare * ground.volume.agencies + agency - 1
    const place = placeOf(ground.volume, i)
    const id = agencyId(agency)
    const turns = await listener.turnsOf(one.request(ground, i), id)
    return {
      turns,
      agency: id,
      person: userId(agency),
      property: propertyId(agency, place.property),
      booking: bookingId(agency, place.property, place.stay),
      day: firstDateIn(one.request(ground, i)),
    }
  }
  // Who somebody is, the service asks once in a while: the second time it knows.
  for (const agency of [1, 2]) for (const spare of [0, 1]) await heard(agency, spare)
  const [first, second] = [await heard(1, 2), await heard(2, 43)]
  const types = await typesOf(owner, first)
  const options = {
    prefix: prefixOf(one.id),
    volume: ground.volume,
    day,
    typesOf: (text: string) => types.get(text) ?? [],
  }
  return writeScript(first, second, options)
}

const firstDateIn = (request: string) => /\d{4}-\d\d-\d\d/.exec(request)?.[0] ?? '2000-01-01'

/** What PostgreSQL takes the parameters of each statement for. */
function typesOf(url: string, { turns }: Heard): Promise<Map<string, string[]>> {
  const texts = turns.flat().filter(({ values }) => values.length > 0)
  return onServer(url, async (client) => {
    const types = new Map<string, string[]>()
    for (const [n, { text }] of texts.entries()) {
      await client.query(`prepare listened_${n} as ${text}`)
      const { rows } = await client.query(
        'select parameter_types::text[] as types from pg_prepared_statements where name = $1',
        [`listened_${n}`],
      )
      types.set(text, rows[0].types)
    }
    return types
  })
}
