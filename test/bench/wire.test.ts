// Listening on the wire: statements, values and turns as they are, however the bytes come.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { followConversation } from '../../proof/bench/pgbench/wire.ts'

const int16 = (n: number) => Buffer.from([n >> 8, n & 255])
const int32 = (n: number) => Buffer.from([n >>> 24, (n >> 16) & 255, (n >> 8) & 255, n & 255])
const message = (type: string, ...parts: Buffer[]) => {
  const body = Buffer.concat(parts)
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body])
}
const text = (value: string) => Buffer.from(`${value}\0`)
const startup = message('', int32(196_608), text('user'), text('me'), Buffer.from([0]))
const ready = message('Z', Buffer.from('I'))
const sync = message('S')
const query = (sql: string) => message('Q', text(sql))
const parse = (name: string, sql: string) => message('P', text(name), text(sql), int16(0))

function bind(name: string, values: readonly (string | Buffer | null)[]): Buffer {
  const formats = values.map((value) => int16(value instanceof Buffer ? 1 : 0))
  const written = values.map((value) => {
    if (value === null) return int32(-1)
    const bytes = Buffer.from(value)
    return Buffer.concat([int32(bytes.length), bytes])
  })
  return message(
    'B',
    text(''),
    text(name),
    int16(values.length),
    ...formats,
    int16(values.length),
    ...written,
    int16(0),
  )
}

test('a named statement is known by its text, with text, bytes and null as its values', () => {
  const heard = followConversation()
  heard.hear('client', Buffer.concat([startup]))
  heard.hear('server', ready)
  heard.hear(
    'client',
    Buffer.concat([parse('s', 'select $1, $2, $3'), bind('s', ['ä', Buffer.from([0, 255]), null]), sync]),
  )
  assert.deepEqual(heard.take(), [[{ text: 'select $1, $2, $3', values: ['ä', Buffer.from([0, 255]), null] }]])
  assert.deepEqual(heard.take(), [])
})

test('what leaves before the answer to the last statement is one turn; behind the answer the next begins', () => {
  const heard = followConversation()
  heard.hear('client', startup)
  heard.hear('server', ready)
  heard.hear('client', Buffer.concat([query('begin'), parse('s', 'one'), bind('s', []), sync]))
  heard.hear('server', ready)
  heard.hear('client', query('two'))
  heard.hear('server', Buffer.concat([ready, ready]))
  heard.hear('client', query('commit'))
  const turns = heard.take().map((turn) => turn.map((statement) => statement.text))
  assert.deepEqual(turns, [['begin', 'one', 'two'], ['commit']])
})

test('statements before one Sync are one turn even when the server has already said something', () => {
  const heard = followConversation()
  heard.hear('client', startup)
  heard.hear('server', ready)
  heard.hear('client', Buffer.concat([parse('', 'one'), bind('', [])]))
  heard.hear('client', Buffer.concat([parse('', 'two'), bind('', []), sync]))
  assert.equal(heard.take().length, 1)
})

test('bytes may come one by one', () => {
  const heard = followConversation()
  for (const byte of startup) heard.hear('client', Buffer.from([byte]))
  for (const byte of ready) heard.hear('server', Buffer.from([byte]))
  for (const byte of query('select 1')) heard.hear('client', Buffer.from([byte]))
  assert.deepEqual(heard.take(), [[{ text: 'select 1', values: [] }]])
})
