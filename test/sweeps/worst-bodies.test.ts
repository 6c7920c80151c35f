// The most expensive bodies and queries for every operation: refused with little work.
// One engine is enough: these requests do not reach the database.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { max_values } from '../../src/http/body-limits.ts'
import { cast, type Reply } from '../harness.ts'
import { checksumOf } from '../two-agencies.ts'
import { type BodyOperation, bodyOperations, largestBody, type WorstBody, worstBodies } from '../worst-bodies.ts'
import { queryOperations, worstQueries } from '../worst-queries.ts'

const fixture = await cast()
const operations = bodyOperations(fixture.app.swagger())
const max_answer_bytes = 32 * 1024
const absent = '00000000-0000-7000-8000-000000000000'

function send({ method, path, is_open }: BodyOperation, json: string): Promise<Reply> {
  const headers = { 'content-type': 'application/json' }
  return (is_open ? fixture.anonymous : fixture.admin).request(method, path.replace('{id}', absent), json, headers)
}

test('every operation with a body is here and declares its size limit', () => {
  assert.ok(operations.length >= 20)
  for (const { name, path, is_open, limit } of operations) {
    assert.equal(limit, is_open || path.includes('/auth/') ? 4096 : 65_536, name)
  }
})

for (const operation of operations) {
  test(`${operation.name}: the largest body its schema allows is within its limit`, () => {
    for (const unit of ['\u{1f600}', '\\u00e4']) {
      const bytes = Buffer.byteLength(largestBody(operation.schema, unit))
      assert.ok(bytes <= operation.limit, `${unit}: ${bytes}`)
    }
  })

  test(`${operation.name}: the worst bodies are refused, each with a short response`, async () => {
    const bodies = worstBodies(operation).filter(({ name }) => name !== 'the largest valid body')
    assert.ok(bodies.length >= 50, `${bodies.length}`)
    const [certain, other] = [true, false].map((is_certain) => bodies.filter(({ refusal }) => !refusal === !is_certain))
    const before = await checksumOf(fixture.store)
    for (const body of certain ?? []) await checkAnswer(operation, body)
    assert.equal(await checksumOf(fixture.store), before, 'nothing changed')
    for (const body of other ?? []) await checkAnswer(operation, body)
  })
}

async function checkAnswer(operation: BodyOperation, { name, json, refusal }: WorstBody): Promise<void> {
  const bytes = Buffer.byteLength(json)
  assert.ok(bytes <= operation.limit + 1, `${name}: ${bytes} bytes`)
  const { status, text, body } = await send(operation, json)
  const outcome = `${name}: ${status} ${text.slice(0, 300)}`
  if (refusal === undefined) assert.ok([201, 401, 404, 422].includes(status), outcome)
  else assert.deepEqual([status, body.error?.code], refusal, outcome)
  if (status < 400) return
  assert.ok((body.error.details ?? []).length <= 20, outcome)
  assert.ok(Buffer.byteLength(text) <= max_answer_bytes, `${name}: an answer of ${text.length} characters`)
}

/** Counts the members and lists that are read of a value. */
function watched(value: unknown, count: (reads: number) => void): unknown {
  if (typeof value !== 'object' || value === null) return value
  return new Proxy(value, {
    get(target, name) {
      count(1)
      return watched(Reflect.get(target, name), count)
    },
    ownKeys(target) {
      const names = Reflect.ownKeys(target)
      count(names.length)
      return names
    },
  })
}

/** The number of members and items in the largest value of a schema. */
function sizeOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1
  return Object.values(value).reduce((sum: number, one) => sum + sizeOf(one), 1)
}

for (const { name, schema, ...operation } of operations) {
  test(`${name}: validation reads each value of a body at most a few times`, () => {
    const check = fixture.app.validatorCompiler?.({ schema, method: 'POST', url: '/', httpPart: 'body' }) as (
      value: unknown,
    ) => unknown
    const schema_size = sizeOf(JSON.parse(largestBody(schema, 'x')))
    for (const { name: what, json, refusal } of worstBodies({ name, schema, ...operation })) {
      if (refusal?.[0] === 400 || what.startsWith('too ')) continue
      let reads = 0
      check(
        watched(JSON.parse(json), (more) => {
          reads += more
        }),
      )
      assert.ok(reads <= 2 * max_values + 4 * schema_size, `${what}: ${reads} reads`)
    }
  })
}

for (const operation of queryOperations(fixture.app.swagger())) {
  test(`${operation.name}: the worst queries are refused, each with a short response`, async () => {
    for (const { name, query } of worstQueries(operation)) {
      const { status, body, text } = await fixture.admin.get(`${operation.path.replace('{id}', absent)}?${query}`)
      assert.deepEqual([status, body.error?.code], [422, 'VALIDATION_ERROR'], `${name}: ${text.slice(0, 300)}`)
      assert.ok(body.error.details.length <= 20, name)
      assert.ok(Buffer.byteLength(text) <= max_answer_bytes, `${name}: an answer of ${text.length} characters`)
    }
  })
}
