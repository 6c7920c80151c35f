// The sample requests of all features, with records of the test agencies.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { features } from '../src/features.ts'
import type { Sample, SampleContext, Samples } from '../src/http/samples.ts'
import { castProperties, players } from './cast.ts'
import type { TestStore } from './engines.ts'
import type { Client } from './harness.ts'
import { photoInsert } from './steps.ts'

const files = features
  .map(({ name }) => new URL(`../src/features/${name}/samples.ts`, import.meta.url))
  .filter((file) => existsSync(file))
const modules = (await Promise.all(files.map((file) => import(file.href)))) as { readonly samples: Samples }[]

export const samples: Samples = Object.assign({}, ...modules.map((one) => one.samples))

/** The sample of `METHOD /path`. */
export function sampleOf(operation: string): Sample {
  return samples[operation] ?? assert.fail(`no sample of ${operation}: add it to samples.ts of its feature`)
}

interface ContextOptions {
  /** Sends a request of an admin and returns the id in its answer. */
  readonly create: (operation: string, path: string, body: object, status: number) => Promise<string>
  /** Runs a statement past row-level security. */
  readonly rows: (text: string) => Promise<readonly Record<string, unknown>[]>
  /** Of the nights. */
  readonly year?: number
}

export function sampleContext({ create, rows, year = 2040 }: ContextOptions): SampleContext {
  let count = 0
  const context: SampleContext = {
    get property_id() {
      return castProperties.town.id
    },
    get other_property_id() {
      return castProperties.lake.id
    },
    get member_id() {
      return players.bothAgencies.user_id
    },
    nights() {
      count += 1
      const day = (n: number) => new Date(Date.UTC(year, count, n)).toISOString().slice(0, 10)
      return { check_in: day(1), check_out: day(5) }
    },
    async photo() {
      const [row] = await rows(photoInsert(castProperties.town))
      return String(row?.id)
    },
    unique() {
      count += 1
      return count
    },
    async make(operation, fields) {
      const { request, status = 201 } = sampleOf(operation)
      const { path, body } = await request(context)
      return create(operation, path, { ...body, ...fields }, status)
    },
  }
  return context
}

/** The context of an API in this process. */
export function sampleContextOf({ admin, store }: { admin: Client; store: TestStore }): SampleContext {
  return sampleContext({
    async create(_operation, path, body, status) {
      const reply = await admin.post(path, body)
      assert.equal(reply.status, status, reply.text)
      return reply.body.id
    },
    rows: async (text) => (await store.owner.query(text)).rows,
  })
}
