// Long values are logged as a digest and a length.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { toAuditValues } from './audit-values.ts'

const digestOf = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`

const cases: readonly [name: string, value: unknown, logged: unknown][] = [
  ['a short text', 'Lake House', 'Lake House'],
  ['an empty text', '', ''],
  ['256 bytes', 'x'.repeat(256), 'x'.repeat(256)],
  ['257 bytes', 'x'.repeat(257), { digest: digestOf('x'.repeat(257)), length: 257 }],
  ['129 characters of two bytes', 'ü'.repeat(129), { digest: digestOf('ü'.repeat(129)), length: 129 }],
  ['a number', 5, 5],
  ['null', null, null],
  ['a boolean', false, false],
  ['a short list', ['mon', 'tue'], ['mon', 'tue']],
  ['a short object', { rule: 'a' }, { rule: 'a' }],
]

for (const [name, value, logged] of cases) {
  test(`in the audit log: ${name}`, () => assert.deepEqual(toAuditValues({ value }), { value: logged }))
}

test('a value with a long JSON form is logged as the digest of that JSON', () => {
  const value = Array.from({ length: 500 }, (_, n) => `entry ${n}`)
  const json = JSON.stringify(value)
  assert.deepEqual(toAuditValues({ value }), { value: { digest: digestOf(json), length: json.length } })
})

test('two long texts have the same digest exactly when they are equal', () => {
  const long = 'x'.repeat(1000)
  assert.deepEqual(toAuditValues({ value: long }), toAuditValues({ value: long }))
  assert.notDeepEqual(toAuditValues({ value: long }), toAuditValues({ value: `${long.slice(1)}y` }))
})
