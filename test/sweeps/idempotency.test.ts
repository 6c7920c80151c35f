// Every route that changes data takes an Idempotency-Key: sent twice, it executes once.
// One engine is enough: the routes are the same on both.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Client, cast, type Reply } from '../harness.ts'
import { tenantTables } from '../isolation/tables.ts'
import { sampleContextOf, sampleOf } from '../samples.ts'

const fixture = await cast()
const { admin, store } = fixture
const context = sampleContextOf(fixture)

/** Their responses contain secrets and are not stored: test/sweeps/secrets.test.ts. */
const with_secrets = ['POST /team', 'POST /team/password-resets']

const routes = fixture.app.declaredRoutes.filter(
  ({ method, can, is_upload }) => can !== undefined && !is_upload && ['POST', 'PATCH', 'DELETE'].includes(method),
)

/** A checksum over all tenant rows except idempotency_keys. */
async function fingerprint(): Promise<string> {
  const parts = [...tenantTables.keys()]
    .filter((table) => table !== 'idempotency_keys')
    .map((table) => `select md5(coalesce(string_agg(x::text, '|' order by x::text), '')) from ${table} x`)
  const { rows } = await store.owner.query(parts.join(' union all '))
  return JSON.stringify(rows)
}

function send(
  client: Client,
  method: string,
  { path, body }: { path: string; body?: object },
  key: string,
): Promise<Reply> {
  return client.request(method as 'POST', path, body, { 'idempotency-key': key })
}

test('there are routes with writes', () => assert.ok(routes.length >= 6))

for (const { method, url } of routes) {
  const name = `${method} ${url.replace('/api/v1', '')}`

  test(`${name}, sent twice with one key, executes once and answers the same`, async () => {
    const call = await sampleOf(name).request(context)
    const first = await send(admin, method, call, name.replaceAll(' ', '-'))
    assert.ok(first.status >= 200 && first.status < 300, first.text)
    const before = await fingerprint()
    const again = await send(admin, method, call, name.replaceAll(' ', '-'))
    assert.equal(await fingerprint(), before)
    if (with_secrets.includes(name)) {
      assert.deepEqual([again.status, again.body.error.meta.reason], [410, 'secret'])
      return
    }
    assert.equal(again.headers['idempotency-replayed'], 'true')
    assert.deepEqual([again.status, again.text], [first.status, first.text])
    for (const header of ['location', 'etag', 'content-type']) {
      assert.equal(again.headers[header], first.headers[header], header)
    }
  })
}
