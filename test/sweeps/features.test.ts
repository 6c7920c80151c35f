// Each feature declares exactly the permissions and errors of its routes, and no two declare the same event, table or job.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fastify, { type RouteOptions } from 'fastify'
import { parseConfig } from '../../src/config.ts'
import { permissions } from '../../src/core/auth/permissions.ts'
import { features } from '../../src/features.ts'
import type { Api, ApiDeps } from '../../src/http/api.ts'
import type { Feature } from '../../src/http/feature.ts'

const config = parseConfig({ DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none', JWT_SECRET: 'x'.repeat(32) })
/** Enough to declare the routes; none of them is called. */
const deps = { config, tokens: { canIssue: true } } as unknown as ApiDeps

function routesOf({ routes }: Feature): RouteOptions[] {
  const app = fastify()
  const declared: RouteOptions[] = []
  app.addHook('onRoute', (route) => void declared.push(route))
  routes?.(app as unknown as Api, deps)
  return declared
}

const sorted = (names: Iterable<string>) => [...new Set(names)].sort()

for (const [index, feature] of features.entries()) {
  test(`${feature.name} declares the permissions and errors of its routes, and no others`, () => {
    const configs = routesOf(feature).map(({ config }) => config)
    // A permission belongs to the first feature that needs it.
    const earlier: readonly string[] = features.slice(0, index).flatMap(({ permissions: own }) => own ?? [])
    const needed = sorted(configs.flatMap((one) => one?.can ?? []))
    assert.deepEqual(
      needed.filter((permission) => !earlier.includes(permission)),
      [...(feature.permissions ?? [])],
    )
    assert.deepEqual(sorted(configs.flatMap((one) => (one?.errors ?? []).map(({ entry }) => entry.code))), [
      ...(feature.errors ?? []),
    ])
  })
}

function requireDistinct(names: readonly string[]): void {
  assert.deepEqual(
    names.filter((name, n) => names.indexOf(name) !== n),
    [],
  )
}

test('each permission of the table is required by a route', () => {
  const declared = features.flatMap((feature) => feature.permissions ?? [])
  assert.deepEqual(sorted(declared), Object.keys(permissions).sort())
})

test('events, tables and jobs belong to one feature each', () => {
  requireDistinct(features.flatMap(({ events }) => Object.keys(events ?? {})))
  requireDistinct(features.flatMap(({ tables }) => tables ?? []))
  requireDistinct(features.flatMap(({ jobs }) => Object.keys(jobs?.({} as never) ?? {})))
})
