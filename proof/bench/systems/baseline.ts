// The baseline: a FastAPI service from a separate folder on the same PostgreSQL server. Optional.
//
// Figures and docs/performance call it "the comparison".
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { SignJWT } from 'jose'
import { freePort } from '../../../test/free-port.ts'
import { until } from '../../../test/until.ts'
import { killAtExit } from '../../scorecard/environment/cleanup.ts'
import type { Cluster } from '../../scorecard/environment/cluster.ts'
import { withConnection } from '../../scorecard/environment/connect.ts'
import { postgresProgram } from '../../scorecard/environment/tools.ts'
import { baselineAgencyId } from '../baseline-ids.ts'
import type { Dataset } from '../cases.ts'
import { httpSystem, type ServerProcess, type System } from './system.ts'

const packages = 'python3-fastapi python3-asyncpg uvicorn python3-jose python3-uvloop python3-httptools'
const python = '/usr/bin/python3'
const secret = 'a secret of the comparison service for the benchmark'
const database = 'roost_peer'

/** Why the baseline cannot run and how to install it; undefined when it can run. */
export function explainMissingBaseline(folder: string): string | undefined {
  try {
    for (const file of ['peer.py', 'schema.sql']) accessSync(join(folder, file))
  } catch {
    return `no comparison service: ${folder} has no peer.py and schema.sql (set the folder with --peer DIR or BENCH_PEER)`
  }
  try {
    const modules = 'import fastapi, asyncpg, uvicorn, jose, uvloop, httptools'
    execFileSync(python, ['-c', modules], { stdio: 'pipe', env: { PYTHONDONTWRITEBYTECODE: '1' } })
    return undefined
  } catch {
    return `no comparison service: apt-get install -y ${packages}`
  }
}

/** Loads its 200,000 bookings and starts it from `folder`. Its log is written to `work_folder`. */
export async function startBaseline(
  folder: string,
  work_folder: string,
  cluster: Cluster,
): Promise<ServerProcess & { readonly bookings: string[][]; stop(): Promise<void> }> {
  await withConnection(cluster.urlOf('postgres'), (client) => client.query(`create database ${database}`))
  const psql = ['-q', '-v', 'ON_ERROR_STOP=1', '-f', join(folder, 'schema.sql'), cluster.urlOf(database)]
  execFileSync(postgresProgram('psql'), psql, { stdio: 'pipe' })
  const bookings = await listBookings(cluster)
  const port = await freePort()
  const log = openSync(join(work_folder, 'baseline.log'), 'a')
  const child = killAtExit(
    spawn(
      python,
      [
        ...['-m', 'uvicorn', 'peer:app', '--port', String(port), '--loop', 'uvloop', '--http', 'httptools'],
        ...['--no-access-log', '--log-level', 'warning'],
      ],
      {
        cwd: folder,
        env: {
          PATH: process.env.PATH,
          PYTHONDONTWRITEBYTECODE: '1',
          PEER_JWT_SECRET: secret,
          PEER_DATABASE_URL: `postgresql://${database}:${database}@127.0.0.1:${cluster.port}/${database}`,
        },
        stdio: ['ignore', log, log],
      },
    ),
  )
  const has_ended = () => child.exitCode !== null || child.signalCode !== null
  const isListening = () =>
    fetch(`http://127.0.0.1:${port}/`).then(
      (reply) => reply.status === 404,
      () => false,
    )
  await until(async () => has_ended() || (await isListening()), 30_000)
  if (has_ended()) throw new Error(`the comparison service exited at startup: see ${work_folder}/baseline.log`)
  return {
    port,
    bookings,
    pid: () => child.pid ?? Number.NaN,
    async stop() {
      if (has_ended()) return
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    },
  }
}

/** The ids of its bookings, by agency and in the order of their properties. */
async function listBookings(cluster: Cluster): Promise<string[][]> {
  return withConnection(cluster.urlOf(database), async (client) => {
    const { rows } = await client.query<{ ids: string[] }>(`
      select array_agg(id::text order by property_id, check_in) as ids from bookings group by agency_id order by agency_id`)
    return rows.map(({ ids }) => ids)
  })
}

/** Bearer tokens for a manager of each of its agencies. */
export function issueBaselineTokens(): Promise<string[]> {
  const key = new TextEncoder().encode(secret)
  const agencies = Array.from({ length: 50 }, (_, n) => baselineAgencyId(n + 1))
  return Promise.all(
    agencies.map((agency_id) =>
      new SignJWT({ role: 'manager', agency_id })
        .setProtectedHeader({ alg: 'HS256' })
        .setSubject('00000000-0000-0000-0002-000000000001')
        .setAudience('authenticated')
        .setIssuedAt()
        .setExpirationTime('1d')
        .sign(key),
    ),
  )
}

export function baselineSystem(
  baseline: { port: number; pid: () => number },
  cluster: Cluster,
  dataset: Dataset,
): System {
  return httpSystem({
    name: 'comparison',
    cluster,
    dataset,
    processes: [baseline],
    callOf: (bench_case) => bench_case.baseline,
  })
}
