// PostgreSQL alone: pgbench executes the statements that the service sends, as the upper bound.
import { accessSync } from 'node:fs'
import { apiRole } from '../../../test/api-role.ts'
import type { Cluster } from '../../scorecard/environment/cluster.ts'
import { withConnection } from '../../scorecard/environment/connect.ts'
import { postgresProgram } from '../../scorecard/environment/tools.ts'
import { type Case, cases, type Dataset, firstIndexOf, placeOf } from '../cases.ts'
import { agencyId, bookingId, propertyId, userId } from '../data.ts'
import { type Recorder, startRecorder } from '../pgbench/capture.ts'
import { runPgbench } from '../pgbench/run.ts'
import { type RecordedRequest, type Script, writeScript } from '../pgbench/script.ts'
import { connections, measureCpu, type System } from './system.ts'

export function explainMissingPgbench(): string | undefined {
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
  /** Environment variables of the service whose statements are recorded. */
  readonly env: Readonly<Record<string, string>>
  readonly dataset: Dataset
  readonly chosen: readonly Case[]
}

/** Records the statements of each case and writes the scripts. Reports cases without a script to `note`. */
export async function pgbenchSystem(options: PgbenchOptions, note: (line: string) => void): Promise<System> {
  const { cluster, urls, dataset } = options
  // pgbench prepares all statements of a pipeline before it sets the role.
  await withConnection(urls.owner, (client) => client.query(`grant usage on schema app to ${apiRole}`))
  const scripts = await writeScripts(options, note)
  const partsOf = ({ id, mix }: Case) => Object.entries(mix ?? { [id]: 1 })
  const supports = (bench_case: Case) => partsOf(bench_case).every(([id]) => scripts.has(id))
  /** The first block of unused nights. */
  let next = 0

  return {
    name: 'pgbench',
    supports,
    // pgbench itself fails when a statement fails.
    check: async () => {},
    run,
  }

  async function run(bench_case: Case, seconds: number) {
    const parts = partsOf(bench_case).map(([id, weight]) => ({ ...(scripts.get(id) as Script), weight }))
    const prefixes = partsOf(bench_case).map(([id]) => prefixOf(id))
    const defined = Object.fromEntries(
      prefixes.flatMap((prefix) => [
        [`${prefix}k`, -1],
        [`${prefix}first`, next],
      ]),
    )
    const load = { url: urls.api, scripts: parts, defined, clients: connections, seconds }
    const { outcome, postgres } = await measureCpu(cluster, [], () => runPgbench(load))
    const { transactions, per_second, p50_ms, p99_ms } = outcome
    // Leaves room for clients that executed twice the average.
    if (bench_case.is_fresh)
      next += connections * (Math.ceil((2 * transactions) / connections / dataset.volume.properties) + 2)
    const cost = { own_cpu_ms: Number.NaN, postgres_cpu_ms: (postgres / transactions) * 1000 }
    return { answers: transactions, refused: 0, per_second, p50_ms, p99_ms, ...cost }
  }
}

const prefixOf = (id: string) => `${id.replaceAll('-', '')}_`

async function writeScripts({ cluster, urls, env, dataset, chosen }: PgbenchOptions, note: (line: string) => void) {
  const wanted = new Set(chosen.flatMap(({ id, mix }) => Object.keys(mix ?? { [id]: 1 })))
  const recorder = await startRecorder(cluster, env)
  const scripts = new Map<string, Script>()
  try {
    for (const bench_case of cases) {
      if (bench_case.day === undefined || !wanted.has(bench_case.id)) continue
      try {
        scripts.set(
          bench_case.id,
          await scriptFor(bench_case, bench_case.day, { recorder, dataset, owner: urls.owner }),
        )
      } catch (error) {
        note(`no pgbench for ${bench_case.id}: ${(error as Error).message}`)
      }
    }
  } finally {
    await recorder.close()
  }
  return scripts
}

interface Recording {
  readonly recorder: Recorder
  readonly dataset: Dataset
  readonly owner: string
}

async function scriptFor(bench_case: Case, day: string, { recorder, dataset, owner }: Recording): Promise<Script> {
  const from = firstIndexOf(dataset.volume, cases.indexOf(bench_case))
  const record = async (agency: number, spare: number): Promise<RecordedRequest> => {
    const i = from + spare * dataset.volume.agencies + agency - 1
    const place = placeOf(dataset.volume, i)
    const id = agencyId(agency)
    const round_trips = await recorder.record(bench_case.request(dataset, i), id)
    return {
      round_trips,
      agency: id,
      person: userId(agency),
      property: propertyId(agency, place.property),
      booking: bookingId(agency, place.property, place.stay),
      day: firstDateIn(bench_case.request(dataset, i)),
    }
  }
  // The first requests fill the membership cache of the service, so that later ones do not query it.
  for (const agency of [1, 2]) for (const spare of [0, 1]) await record(agency, spare)
  const [first, second] = [await record(1, 2), await record(2, 43)]
  const types = await typesOf(owner, first)
  const options = {
    prefix: prefixOf(bench_case.id),
    volume: dataset.volume,
    day,
    typesOf: (text: string) => types.get(text) ?? [],
  }
  return writeScript(first, second, options)
}

const firstDateIn = (request: string) => /\d{4}-\d\d-\d\d/.exec(request)?.[0] ?? '2000-01-01'

/** The parameter types of each statement, as PostgreSQL infers them. */
function typesOf(url: string, { round_trips }: RecordedRequest): Promise<Map<string, string[]>> {
  const texts = round_trips.flat().filter(({ values }) => values.length > 0)
  return withConnection(url, async (client) => {
    const types = new Map<string, string[]>()
    for (const [n, { text }] of texts.entries()) {
      await client.query(`prepare recorded_${n} as ${text}`)
      const { rows } = await client.query(
        'select parameter_types::text[] as types from pg_prepared_statements where name = $1',
        [`recorded_${n}`],
      )
      types.set(text, rows[0].types)
    }
    return types
  })
}
