// Reading the PostgreSQL protocol: statements, values and round trips, however the bytes are split.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createProtocolReader } from '../../proof/bench/pgbench/wire.ts'

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
  const encoded = values.map((value) => {
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
    ...encoded,
    int16(0),
  )
}

test('a named statement is recorded with its text and its text, binary and null values', () => {
  const reader = createProtocolReader()
  reader.push('client', Buffer.concat([startup]))
  reader.push('server', ready)
  reader.push(
    'client',
    Buffer.concat([parse('s', 'select $1, $2, $3'), bind('s', ['ä', Buffer.from([0, 255]), null]), sync]),
  )
  assert.deepEqual(reader.take(), [[{ text: 'select $1, $2, $3', values: ['ä', Buffer.from([0, 255]), null] }]])
  assert.deepEqual(reader.take(), [])
})

test('statements sent before the last answer are one round trip', () => {
  const reader = createProtocolReader()
  reader.push('client', startup)
  reader.push('server', ready)
  reader.push('client', Buffer.concat([query('begin'), parse('s', 'one'), bind('s', []), sync]))
  reader.push('server', ready)
  reader.push('client', query('two'))
  reader.push('server', Buffer.concat([ready, ready]))
  reader.push('client', query('commit'))
  const round_trips = reader.take().map((round_trip) => round_trip.map((statement) => statement.text))
  assert.deepEqual(round_trips, [['begin', 'one', 'two'], ['commit']])
})

test('statements before one Sync are one round trip even after an early answer', () => {
  const reader = createProtocolReader()
  reader.push('client', startup)
  reader.push('server', ready)
  reader.push('client', Buffer.concat([parse('', 'one'), bind('', [])]))
  reader.push('client', Buffer.concat([parse('', 'two'), bind('', []), sync]))
  assert.equal(reader.take().length, 1)
})

test('messages may arrive byte by byte', () => {
  const reader = createProtocolReader()
  for (const byte of startup) reader.push('client', Buffer.from([byte]))
  for (const byte of ready) reader.push('server', Buffer.from([byte]))
  for (const byte of query('select 1')) reader.push('client', Buffer.from([byte]))
  assert.deepEqual(reader.take(), [[{ text: 'select 1', values: [] }]])
})
