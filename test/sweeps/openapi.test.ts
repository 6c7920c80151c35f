// The OpenAPI document matches the routes: roles, error codes, examples; its page works offline.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorCatalogue } from '../../src/core/app-error.ts'
import { listRolesWith } from '../../src/core/auth/permissions.ts'
import { upload_type } from '../../src/http/upload.ts'
import { cast } from '../harness.ts'
import { dereference, errorCodesOf } from '../openapi-document.ts'

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
  readonly operationId: string
  readonly tags: readonly string[]
  readonly security: readonly object[]
  readonly responses: Record<string, Response>
  readonly requestBody?: { content: Record<string, { examples?: object; example?: unknown }> }
  readonly 'x-roles': string[]
}
interface Response {
  readonly description?: string
  readonly headers?: Readonly<Record<string, object>>
  readonly content?: Readonly<Record<string, { schema: object }>>
}

const { body: document } = await anonymous.get('/openapi.json')
const { paths } = dereference<{ paths: Record<string, Record<string, Operation>> }>(document)
const operations = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, operation })),
)

const needsToken = ({ security }: Operation) => security.some((scheme) => 'bearer' in scheme)

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
    .filter(({ method, is_page }) => method !== 'HEAD' && !is_page)
    .map(({ method, url }) => `${method} ${url.replaceAll(/:([a-z_]+)/g, '{$1}')}`)
  assert.deepEqual(operations.map(({ name }) => name).sort(), routes.sort())
})

for (const { name, operation } of operations) {
  test(`${name} has a summary, its roles, its error codes, and with a body an example`, () => {
    const [method = '', path = ''] = name.split(' ')
    const url = path.replaceAll(/\{([a-z_]+)\}/g, ':$1')
    const route = app.declaredRoutes.find((declared) => declared.method === method && declared.url === url)
    assert.ok(operation.summary)
    assert.deepEqual(operation['x-roles'], route?.can === undefined ? [] : listRolesWith(route.can))
    assert.equal(needsToken(operation), route?.is_open === false)
    assert.equal(/```sh\ncurl -s /.test(operation.description ?? ''), operation.requestBody !== undefined)
    const known = new Map(errorCatalogue.map(({ code, status }) => [code, String(status)]))
    const codes = errorCodesOf(operation)
    assert.ok(codes.length > 3)
    for (const code of codes) {
      const status = known.get(code)
      assert.ok(status !== undefined && operation.responses[status] !== undefined, `${code} has a response`)
    }
    const [body] = Object.values(operation.requestBody?.content ?? {})
    if (operation.requestBody !== undefined) assert.ok(body?.examples ?? body?.example, 'the body has an example')
  })
}

test('the document has the errors for invalid or long URLs and large bodies', () => {
  for (const { name, operation } of operations) {
    const codes = errorCodesOf(operation)
    assert.ok(codes.includes('BAD_REQUEST') && codes.includes('URI_TOO_LONG'), name)
    assert.equal(codes.includes('PAYLOAD_TOO_LARGE'), !name.startsWith('GET '), name)
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
  for (const path of ['/api/v1/audit-log/export', '/api/v1/bookings/export']) {
    const file = paths[path]?.get?.responses['200']?.content
    assert.deepEqual(Object.keys(file ?? {}), ['text/csv'], path)
  }
})

const max_bytes = 3300

test('the document needs at most 3.3 kB per operation, minified', (t) => {
  const bytes = Buffer.byteLength(JSON.stringify(document)) / operations.length
  t.diagnostic(`${Math.round(bytes)} bytes per operation, ${operations.length} operations`)
  assert.ok(bytes <= max_bytes, `${bytes}`)
})

test('every operation has a unique name, a tag with a description, and prose', () => {
  const names = operations.map(({ operation }) => operation.operationId)
  assert.equal(new Set(names).size, names.length)
  const tags = new Map((document.tags as { name: string; description: string }[]).map((tag) => [tag.name, tag]))
  for (const { name, operation } of operations) {
    assert.match(operation.operationId, /^[a-z]+([A-Z][a-z]+)+$/, name)
    assert.match(operation.description ?? '', /^(?!Requires )[A-Z].*\n\nRequires /s, name)
    for (const tag of operation.tags) assert.match(tags.get(tag)?.description ?? '', /\.$/, `${name} ${tag}`)
  }
})

/** Every schema of the document that is an enum. */
function enumsIn(value: unknown): { readonly type?: unknown; readonly enum?: unknown }[] {
  if (typeof value !== 'object' || value === null) return []
  const inner = Object.values(value).flatMap(enumsIn)
  return 'enum' in value && Array.isArray(value.enum) ? [value, ...inner] : inner
}

test('every enum has a type', () => {
  const enums = enumsIn(document)
  assert.ok(enums.length > 15)
  for (const one of enums) assert.ok(one.type !== undefined, JSON.stringify(one))
})

test('every response and every body with members is a named component', () => {
  const raw = document.paths as Record<string, Record<string, Operation>>
  const contents = Object.values(raw).flatMap((methods) =>
    Object.values(methods).flatMap(({ requestBody, responses }) => [
      ...Object.values(requestBody?.content ?? {}),
      ...Object.values(responses).flatMap(({ content = {} }) => Object.values(content)),
    ]),
  ) as { schema: { $ref?: string; type?: string } }[]
  const unnamed = contents.filter(({ schema }) => schema.$ref === undefined && schema.type !== 'string')
  assert.deepEqual(unnamed, [])
})

const headerNames = ({ parameters = [] }: Operation) => parameters.map(({ name }) => name)

test('the headers of requests and responses are documented where they have an effect', () => {
  for (const { name, operation } of operations) {
    const [method = '', path = ''] = name.split(' ')
    const of_agency = operation['x-roles'].length > 0
    const names = headerNames(operation)
    const success = Object.entries(operation.responses).find(([status]) => status < '300')?.[1]
    assert.equal(names.includes('X-Agency-Id'), needsToken(operation), name)
    const takes_key = of_agency && method !== 'GET' && operation.requestBody?.content[upload_type] === undefined
    assert.equal(names.includes('Idempotency-Key'), takes_key, name)
    assert.equal(names.includes('If-Match'), errorCodesOf(operation).includes('VERSION_MISMATCH'), name)
    assert.equal(names.includes('If-None-Match'), operation.responses['304'] !== undefined, name)
    if (names.includes('If-None-Match')) assert.ok(success?.headers?.ETag, name)
    assert.ok(success?.headers?.['X-Request-Id'], name)
    if (needsToken(operation)) assert.ok(operation.responses['401']?.headers?.['WWW-Authenticate'], name)
    assert.ok(path.startsWith('/'))
  }
})

test('the operations of browser sessions document the cookie', () => {
  const { securitySchemes } = document.components as { securitySchemes: Record<string, object> }
  const { type, in: place, name: cookie } = securitySchemes.session_cookie as Record<string, string>
  assert.deepEqual([type, place, cookie], ['apiKey', 'cookie', '__Host-roost_session'])
  const setting = operations.filter(({ operation }) =>
    Object.entries(operation.responses).some(([status, { headers }]) => status < '300' && headers?.['Set-Cookie']),
  )
  const reading = operations.filter(({ operation }) => operation.security.some((scheme) => 'session_cookie' in scheme))
  assert.deepEqual(setting.map(({ name }) => name).sort(), [
    'DELETE /api/v1/me/sessions/{id}',
    'POST /api/v1/auth/invitations/accept',
    'POST /api/v1/auth/login',
    'POST /api/v1/auth/logout',
    'POST /api/v1/auth/logout-everywhere',
    'POST /api/v1/auth/password',
    'POST /api/v1/auth/refresh',
  ])
  assert.deepEqual(
    reading.map(({ name, operation }) => [name, operation.security]),
    ['POST /api/v1/auth/refresh', 'POST /api/v1/auth/logout'].map((name) => [name, [{}, { session_cookie: [] }]]),
  )
})
