// The sample requests of all features, with records of the test agencies.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { features } from '../src/features.ts'
import type { Sample, SampleContext, Samples } from '../src/http/samples.ts'
import { castProperties, players } from './cast.ts'

const files = features
  .map(({ name }) => new URL(`../src/features/${name}/samples.ts`, import.meta.url))
  .filter((file) => existsSync(file))
const modules = (await Promise.all(files.map((file) => import(file.href)))) as { readonly samples: Samples }[]

export const samples: Samples = Object.assign({}, ...modules.map((one) => one.samples))

/** The sample of `METHOD /path`. */
export function sampleOf(operation: string): Sample {
  return samples[operation] ?? assert.fail(`no sample of ${operation}: add it to samples.ts of its feature`)
}

/** `create` sends a request of an admin and returns the id in its answer. `year`: of the nights. */
export function sampleContext(
  create: (operation: string, path: string, body: object, status: number) => Promise<string>,
  year = 2040,
): SampleContext {
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
