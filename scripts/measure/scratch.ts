// A scratch database and a service of its own on it, for measurements: made, used, removed.
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { openSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { parseConfig } from '../../src/config.ts'
import { createLog } from '../../src/core/log.ts'
import { migrateUp, openStore, root, type Store } from '../../src/store.ts'

const server = process.env.TEST_DATABASE_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres'
const secret = randomBytes(32).toString('hex')

export interface Scratch {
  readonly store: Store
  /** The schema's owner, past row-level security. */
  readonly owner: pg.Pool
  /** `roost serve` in a process of its own; answers at the URL until `remove`. */
  serve(settings?: Record<string, string>): Promise<string>
  remove(): Promise<void>
}

/** A migrated, empty database on the local PostgreSQL server. */
export async function createScratch(): Promise<Scratch> {
  const name = `roost_measure_${randomBytes(4).toString('hex')}`
  const url = new URL(server)
  url.pathname = `/${name}`
  await onServer(`create database ${name}`)
  const env = { DATABASE_URL: url.href, JWT_SECRET: secret, RATE_LIMIT: 'off' }
  const store = await openStore(parseConfig(env), createLog('warn'))
  await migrateUp(store)
  const owner = new pg.Pool({ connectionString: url.href, max: 2 })
  owner.on('error', () => {})
  const services: ChildProcess[] = []

  return {
    store,
    owner,
    async serve(settings = {}) {
      const port = 20_000 + Math.floor(Math.random() * 20_000)
      const log = openSync(join(tmpdir(), `${name}.log`), 'a')
      const child = spawn(process.execPath, ['src/main.ts', 'serve'], {
        cwd: root,
        env: { PATH: process.env.PATH, ...env, PORT: String(port), ...settings },
        stdio: ['ignore', log, log],
      })
      services.push(child)
      const address = `http://127.0.0.1:${port}`
      await ready(address)
      return address
    },
    async remove() {
      for (const child of services) child.kill('SIGKILL')
      await store.close()
      await owner.end()
      await onServer(`drop database if exists ${name} with (force)`)
    },
  }
}

async function onServer(text: string): Promise<void> {
  const client = new pg.Client({ connectionString: server })
  await client.connect()
  await client.query(text)
  await client.end()
}

async function ready(address: string): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    const reply = await fetch(`${address}/health/ready`).catch(() => undefined)
    if (reply?.status === 200) return
    await delay(50)
  }
  throw new Error('the service did not become ready')
}
