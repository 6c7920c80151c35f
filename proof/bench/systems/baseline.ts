// The comparison service: FastAPI and asyncpg, from a folder beside the project, on the same PostgreSQL server. Optional.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { SignJWT } from 'jose'
import { freePort } from '../../../test/free-port.ts'
import { until } from '../../../test/until.ts'
import { killAtExit } from '../../scorecard/environment/cleanup.ts'
import type { Cluster } from '../../scorecard/environment/cluster.ts'
import { onServer } from '../../scorecard/environment/connect.ts'
import { postgresProgram } from '../../scorecard/environment/tools.ts'
import { peerAgencyId } from '../baseline-ids.ts'
import type { Ground } from '../cases.ts'
import { type Contestant, overHttp, type Served } from './system.ts'

const packages = 'python3-fastapi python3-asyncpg uvicorn python3-jose python3-uvloop python3-httptools'
const python = '/usr/bin/python3'
const secret = 'a secret of the comparison service for the benchmark'
const database = 'roost_peer'

/** Why it cannot take part, with how to install it; undefined: it can. */
export function peerIsMissing(folder: string): string | undefined {
  try {
    for (const file of ['peer.py', 'schema.sql']) accessSync(join(folder, file))
  } catch {
    return `no comparison service: ${folder} has no peer.py and schema.sql (--peer DIR or BENCH_PEER names the folder)`
  }
  try {
    const modules = 'import fastapi, asyncpg, uvicorn, jose, uvloop, httptools'
    execFileSync(python, ['-c', modules], { stdio: 'pipe', env: { PYTHONDONTWRITEBYTECODE: '1' } })
    return undefined
  } catch {
    return `no comparison service: apt-get install -y ${packages}`
  }
}

/** Loads its 200,000 bookings and starts it; `folder` is its own, `work_folder` takes its log. */
export async function startPeer(
  folder: string,
  work_folder: string,
  cluster: Cluster,
): Promise<Served & { stop(): Promise<void> }> {
  await onServer(cluster.urlOf('postgres'), (client) => client.query(`create database ${database}`))
  const psql = ['-q', '-v', 'ON_ERROR_STOP=1', '-f', join(folder, 'schema.sql'), cluster.urlOf(database)]
  execFileSync(postgresProgram('psql'), psql, { stdio: 'pipe' })
  const port = await freePort()
  const log = openSync(join(work_folder, 'peer.log'), 'a')
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
  const answers = () =>
    fetch(`http://127.0.0.1:${port}/`).then(
      (reply) => reply.status === 404,
      () => false,
    )
  await until(async () => has_ended() || (await answers()), 30_000)
  if (has_ended()) throw new Error(`the comparison service ended instead of starting: see ${work_folder}/peer.log`)
  return {
    port,
    pid: () => child.pid ?? Number.NaN,
    async stop() {
      if (has_ended()) return
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    },
  }
}

/** A token for a manager of each of its agencies. */
export function peerTokens(): Promise<string[]> {
  const key = new TextEncoder().encode(secret)
  const agencies = Array.from({ length: 50 }, (_, n) => peerAgencyId(n + 1))
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

export function peerContestant(
  peer: { port: number; pid: () => number },
  cluster: Cluster,
  ground: Ground,
): Contestant {
  return overHttp({ name: 'comparison', cluster, ground, served: [peer], callOf: (one) => one.peer })
}
