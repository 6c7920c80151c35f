// Time to import 3,000 listings and 10,000 stays with the command line, including process start.
import { execFile } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { root } from '../../../src/store.ts'
import { createCluster, createFolder } from '../../scorecard/environment/cluster.ts'
import { jwt_secret } from '../data.ts'
import { type Figure, spreadOf } from '../figures.ts'
import { writeListings, writeStays } from './csv-files.ts'

export interface ImportOptions {
  /** Files to import instead of generated ones. */
  readonly listings?: string
  readonly stays?: string
  /** Runs per engine; the median is reported (3). */
  readonly runs?: number
}

/** Targets: 20 s embedded, 8 s on PostgreSQL. */
export async function imports({ listings, stays, runs = 3 }: ImportOptions = {}): Promise<Figure[]> {
  const folder = await createFolder('roost-bench-imports-')
  try {
    const files = { listings: listings ?? join(folder, 'listings.csv'), stays: stays ?? join(folder, 'stays.csv') }
    if (listings === undefined) await writeListings(files.listings, 3000)
    if (stays === undefined) await writeStays(files.stays, 10_000)
    return [...(await onPostgres(files, runs)), ...(await embedded(files, runs, folder))]
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

interface Files {
  readonly listings: string
  readonly stays: string
}

type EnvVars = Readonly<Record<string, string>>

async function onPostgres(files: Files, runs: number): Promise<Figure[]> {
  const cluster = await createCluster()
  try {
    const env = { DATABASE_URL: cluster.urlOf('postgres'), JWT_SECRET: jwt_secret }
    return await figuresOf('PostgreSQL', 8, await repeat(runs, env, files))
  } finally {
    await cluster.remove()
  }
}

async function embedded(files: Files, runs: number, folder: string): Promise<Figure[]> {
  return figuresOf('embedded', 20, await repeat(runs, { DATA_DIR: join(folder, 'data') }, files))
}

interface Times {
  readonly listings: number
  readonly stays: number
}

/** Each run imports into a new agency of the same database. */
async function repeat(runs: number, env: EnvVars, files: Files): Promise<Times[]> {
  await timeCommand(env, 'migrate', 'up')
  const times: Times[] = []
  for (let run = 1; run <= runs; run += 1) {
    const slug = `import-${run}`
    await timeCommand(env, 'agency', 'create', '--name', slug, '--slug', slug, '--admin-email', `${slug}@example.com`)
    const listings = await timeCommand(env, 'import', 'listings', files.listings, '--agency', slug, '--currency', 'SEK')
    times.push({
      listings,
      stays: await timeCommand(env, 'import', 'bookings', files.stays, '--agency', slug, '--assign'),
    })
  }
  return times
}

function figuresOf(engine: string, limit: number, times: readonly Times[]): Figure[] {
  const of = (what: (one: Times) => number) => ({ value: spreadOf(times.map(what)).median, unit: 's' })
  return [
    { name: `${engine}: 3,000 listings`, ...of(({ listings }) => listings) },
    { name: `${engine}: 10,000 stays`, ...of(({ stays }) => stays) },
    {
      name: `${engine}: both`,
      ...of(({ listings, stays }) => listings + stays),
      target: { at_most: limit },
    },
  ]
}

/** Runs a command and returns its duration in seconds. Exit code 1 is expected: some rows are rejected. */
async function timeCommand(env: EnvVars, ...args: string[]): Promise<number> {
  const { PATH, HOME, TMPDIR } = process.env
  const began = performance.now()
  const options = {
    cwd: root,
    env: { PATH, HOME, TMPDIR, ENV_FILE: '', ...env } as NodeJS.ProcessEnv,
    maxBuffer: 16 * 2 ** 20,
  }
  await promisify(execFile)(join(root, 'bin/roost'), args, options).catch((error: { code?: unknown }) => {
    if (error.code !== 1) throw error
  })
  return (performance.now() - began) / 1000
}
