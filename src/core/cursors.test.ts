// Cursors: scope, tampering, confidentiality, determinism and length.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCursors } from './cursors.ts'
import { CursorInvalidError } from './errors.ts'

const cursors = createCursors('a secret')
const scope = ['agency', 'user', 'bookings', [['status', 'confirmed']]]

test('a cursor can be opened by every process with the same secret', () => {
  const cursor = cursors.seal(['2027-07-01', 'ä/"€'], scope)
  assert.deepEqual(createCursors('a secret').open(cursor, scope), ['2027-07-01', 'ä/"€'])
})

test('a cursor of another agency, user, list, filter or secret is refused', () => {
  const cursor = cursors.seal(['x'], scope)
  const others = [
    ['other', 'user', 'bookings', [['status', 'confirmed']]],
    ['agency', 'other', 'bookings', [['status', 'confirmed']]],
    ['agency', 'user', 'properties', [['status', 'confirmed']]],
    ['agency', 'user', 'bookings', [['status', 'pending']]],
  ]
  for (const other of others) assert.throws(() => cursors.open(cursor, other), CursorInvalidError)
  assert.throws(() => createCursors('another secret').open(cursor, scope), CursorInvalidError)
})

test('a modified, truncated or re-encoded cursor is refused', () => {
  const cursor = cursors.seal(['2027-07-01', 'id'], scope)
  const refused = (other: string) => assert.throws(() => cursors.open(other, scope), CursorInvalidError, other)
  for (let at = 0; at < cursor.length; at += 1) {
    refused(`${cursor.slice(0, at)}${cursor[at] === 'A' ? 'B' : 'A'}${cursor.slice(at + 1)}`)
    refused(cursor.slice(0, at))
    refused(`${cursor.slice(0, at)}=${cursor.slice(at)}`)
  }
  for (const invalid of ['', '.', 'a', 'a.b', 'A'.repeat(40), `${cursor}A`, ` ${cursor}`, `${cursor}==`])
    refused(invalid)
})

test('a cursor reveals neither its keys nor that another list has the same keys', () => {
  const cursor = cursors.seal(['Lovelace', 'Ada', 'id'], scope)
  const bytes = Buffer.from(cursor, 'base64url').toString('latin1')
  for (const word of ['Lovelace', 'Ada', 'bookings', 'agency']) assert.ok(!bytes.includes(word), word)
  const elsewhere = cursors.seal(['Lovelace', 'Ada', 'id'], ['agency', 'user', 'guests'])
  assert.notEqual(elsewhere.slice(16, 30), cursor.slice(16, 30))
})

test('the same keys in the same list give the same cursor, and no other keys do', () => {
  assert.equal(cursors.seal(['a', 'b'], scope), createCursors('a secret').seal(['a', 'b'], scope))
  for (const keys of [['ab'], ['a', 'c'], ['a', 'b', ''], ['', 'a', 'b'], ['']]) {
    assert.notEqual(cursors.seal(keys, scope), cursors.seal(['a', 'b'], scope))
    assert.deepEqual(cursors.open(cursors.seal(keys, scope), scope), keys)
  }
})

test('a cursor with the longest possible keys fits the cursor parameter', () => {
  const keys = ['\u{1f3e0}'.repeat(255), '01234567-89ab-cdef-0123-456789abcdef']
  assert.ok(cursors.seal(keys, scope).length <= 2000)
  assert.ok(cursors.seal(['\u0001'.repeat(255), 'x'], scope).length <= 2000)
})
