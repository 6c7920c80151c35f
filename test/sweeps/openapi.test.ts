// The OpenAPI document matches the routes: roles, error codes, examples; its page works offline.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorCatalogue } from '../../src/core/app-error.ts'
import { listRolesWith } from '../../src/core/auth/permissions.ts'
import { cast } from '../harness.ts'

const { app, anonymous } = await cast()

interface Parameter {
  readonly name: string
  readonly required?: boolean
  readonly schema: { readonly default?: unknown }
}
interface Operation {
  readonly parameters?: readonly Parameter[]
  readonly summary?: string
  readonly description?: string
  readonly security?: unknown[]
  readonly responses: Record<string, { content?: Record<string, { schema: object }> }>
  readonly requestBody?: { content: Record<string, { examples?: object; example?: unknown }> }
  readonly 'x-roles': string[]
  readonly 'x-error-codes': string[]
}

const { body: document } = await anonymous.get('/openapi.json')
const paths = document.paths as Record<string, Record<string, Operation>>
const operations = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, operation })),
)

test('the document and its page are public, and the page loads nothing from other hosts', async () => {
  assert.equal(document.openapi, '3.1.0')
  const page = await anonymous.get('/docs/')
  assert.equal(page.status, 200, page.text)
  const assets = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url = '']) => url)
  assert.ok(assets.length > 3)
  for (const url of assets) {
    assert.doesNotMatch(url, /^(https?:)?\/\//)
    const asset = await anonymous.get(new URL(url, 'http://local/docs/').pathname)
    assert.equal(asset.status, 200, url)
  }
})

test('every route is in the document, and every operation of the document is a route', () => {
  const routes = app.declaredRoutes
    .filter(({ method }) => method !== 'HEAD')
    .map(({ method, url }) => `${method} ${url.replaceAll(/:([a-z_]+)/g, '{$1}')}`)
  assert.deepEqual(operations.map(({ name }) => name).sort(), routes.sort())
})

for (const { name, operation } of operations) {
  test(`${name} has a summary, its roles, its error codes and an example`, () => {
    const [method = '', path = ''] = name.split(' ')
    const url = path.replaceAll(/\{([a-z_]+)\}/g, ':$1')
    const route = app.declaredRoutes.find((declared) => declared.method === method && declared.url === url)
    assert.ok(operation.summary)
    assert.deepEqual(operation['x-roles'], route?.can === undefined ? [] : listRolesWith(route.can))
    assert.equal(operation.security === undefined, route?.is_open === true)
    assert.match(operation.description ?? '', /```sh\ncurl -s /)
    const known = new Map(errorCatalogue.map(({ code, status }) => [code, String(status)]))
    for (const code of operation['x-error-codes']) {
      const status = known.get(code)
      assert.ok(status !== undefined && operation.responses[status] !== undefined, `${code} has a response`)
    }
    const body = operation.requestBody?.content['application/json']
    if (operation.requestBody !== undefined) assert.ok(body?.examples ?? body?.example, 'the body has an example')
  })
}

test('the document has the errors for invalid or long URLs and large bodies', () => {
  for (const { name, operation } of operations) {
    const codes = operation['x-error-codes']
    assert.ok(codes.includes('BAD_REQUEST') && codes.includes('URI_TOO_LONG'), name)
    assert.equal(codes.includes('PAYLOAD_TOO_LARGE'), operation.requestBody !== undefined, name)
  }
})

test('a parameter with a default is optional', () => {
  const all = operations.flatMap(({ operation }) => operation.parameters ?? [])
  const defaulted = all.filter(({ schema }) => schema.default !== undefined)
  assert.ok(defaulted.length > 5)
  assert.deepEqual(
    defaulted.filter(({ required }) => required),
    [],
  )
})

test('every error is JSON, whatever the media type of the success', () => {
  for (const { name, operation } of operations) {
    const errors = Object.entries(operation.responses).filter(([status]) => status >= '400')
    for (const [status, { content = {} }] of errors) {
      assert.deepEqual(Object.keys(content), ['application/json'], `${name} ${status}`)
    }
  }
  const file = paths['/api/v1/audit-log/export']?.get?.responses['200']?.content
  assert.deepEqual(Object.keys(file ?? {}), ['text/csv'])
})
