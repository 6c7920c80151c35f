// The error code of every failure of pg: by SQLSTATE, by network error code, or by message.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import pg from 'pg'
import { type Behaviour, message, refusal, startFakePostgres } from '../../../test/fake-postgres.ts'
import { BookingConflictError } from '../errors.ts'
import { DatabaseUnavailableError, LockTimeoutError } from '../server-errors.ts'
import {
  driver_messages,
  isDriverError,
  isInfrastructure,
  isSqlstate,
  onConstraint,
  translateError,
} from './database-errors.ts'

async function createClient(t: TestContext, behaviour: Behaviour, options: pg.ClientConfig = {}): Promise<pg.Client> {
  const server = await startFakePostgres(behaviour)
  const client = new pg.Client({ connectionString: server.url, ...options })
  client.on('error', () => {})
  t.after(async () => {
    client.end().catch(() => {})
    await server.close()
  })
  return client
}

async function connectedClient(
  t: TestContext,
  behaviour: Behaviour,
  options: pg.ClientConfig = {},
): Promise<pg.Client> {
  const client = await createClient(t, behaviour, options)
  await client.connect()
  return client
}

/** What the promise rejects with. */
async function failureOf(promise: Promise<unknown>): Promise<Error & { code?: string }> {
  try {
    await promise
  } catch (error) {
    return error as Error
  }
  throw new Error('it did not fail')
}

/** SQLSTATE -> error code (INTERNAL_ERROR for bugs), and whether it is a failure of the infrastructure. */
const bySqlstate: Readonly<Record<string, readonly [code: string, is_infrastructure: boolean]>> = {
  '08000': ['DB_UNAVAILABLE', true],
  '08006': ['DB_UNAVAILABLE', true],
  '0A000': ['INTERNAL_ERROR', false],
  '21000': ['INTERNAL_ERROR', false],
  '22001': ['VALIDATION_ERROR', false],
  '22003': ['VALIDATION_ERROR', false],
  '22008': ['VALIDATION_ERROR', false],
  '22021': ['VALIDATION_ERROR', false],
  '22P02': ['VALIDATION_ERROR', false],
  '22P05': ['VALIDATION_ERROR', false],
  '23502': ['VALIDATION_ERROR', false],
  '23503': ['VALIDATION_ERROR', false],
  '23505': ['CONFLICT', false],
  '23514': ['VALIDATION_ERROR', false],
  '23P01': ['VALIDATION_ERROR', false],
  '25006': ['DB_UNAVAILABLE', true],
  '25P02': ['INTERNAL_ERROR', false],
  '25P03': ['DB_UNAVAILABLE', true],
  '28000': ['DB_UNAVAILABLE', true],
  '28P01': ['DB_UNAVAILABLE', true],
  '3D000': ['DB_UNAVAILABLE', true],
  '3F000': ['SCHEMA_DRIFT', false],
  '40001': ['TX_CONTENTION', false],
  '40P01': ['TX_CONTENTION', false],
  '42501': ['FORBIDDEN', false],
  '42601': ['INTERNAL_ERROR', false],
  '42703': ['SCHEMA_DRIFT', false],
  '42883': ['SCHEMA_DRIFT', false],
  '42P01': ['SCHEMA_DRIFT', false],
  '53100': ['DB_UNAVAILABLE', true],
  '53200': ['DB_UNAVAILABLE', true],
  '53300': ['DB_UNAVAILABLE', true],
  '55P03': ['LOCK_TIMEOUT', false],
  '57014': ['QUERY_TIMEOUT', false],
  '57P01': ['DB_UNAVAILABLE', true],
  '57P02': ['DB_UNAVAILABLE', true],
  '57P03': ['DB_UNAVAILABLE', true],
  '57P05': ['DB_UNAVAILABLE', true],
  '58030': ['DB_UNAVAILABLE', true],
  P0001: ['INTERNAL_ERROR', false],
  XX000: ['INTERNAL_ERROR', false],
}

const statuses: Readonly<Record<string, number>> = {
  CONFLICT: 409,
  DB_UNAVAILABLE: 503,
  FORBIDDEN: 403,
  INTERNAL_ERROR: 500,
  LOCK_TIMEOUT: 503,
  QUERY_TIMEOUT: 503,
  SCHEMA_DRIFT: 503,
  TX_CONTENTION: 503,
  VALIDATION_ERROR: 422,
}

/** Slow to recover: read-only after a failover, disk full, out of memory. */
const slow = ['25006', '53100', '53200']

test('every SQLSTATE has one error code, whatever the message of the server is', async (t) => {
  for (const [state, [code, is_infrastructure]] of Object.entries(bySqlstate)) {
    const client = await connectedClient(t, { onQuery: (socket) => socket.write(refusal(state)) })
    const failure = await failureOf(client.query('select 1'))
    assert.ok(isDriverError(failure), state)
    assert.ok(isSqlstate(failure, 'X', state))
    const known = translateError(failure)
    assert.equal(known?.code ?? 'INTERNAL_ERROR', code, state)
    assert.equal(known?.status ?? 500, statuses[code], state)
    assert.equal(isInfrastructure(failure), is_infrastructure, state)
    assert.equal(known?.cause, known === undefined ? undefined : failure)
    if (known?.status === 503) assert.equal(known.headers['retry-after'], slow.includes(state) ? '5' : '1', state)
    assert.ok(!(known?.message ?? '').includes('server, which'), 'the message of the server is not sent to the client')
  }
})

/** The messages of pg that the tests below have triggered. */
const triggered = new Set<string>()

function expectMessage(failure: Error & { code?: string }, text: string): void {
  assert.equal(failure.message.startsWith(text), true, failure.message)
  assert.equal(failure.code, undefined)
  assert.equal(isInfrastructure(failure), true)
  assert.equal(isDriverError(failure), false)
  const code = text === 'Query read timeout' ? 'QUERY_TIMEOUT' : 'DB_UNAVAILABLE'
  assert.equal(translateError(failure)?.code, code)
  triggered.add(text)
}

test('a connection that the server closes during a query', async (t) => {
  const client = await connectedClient(t, { onQuery: (socket) => socket.destroy() })
  expectMessage(await failureOf(client.query('select 1')), 'Connection terminated')
  expectMessage(
    await failureOf(client.query('select 1')),
    'Client has encountered a connection error and is not queryable',
  )
})

test('a connection that is closed while a query is waiting', async (t) => {
  const client = await connectedClient(t, {})
  const failure = failureOf(client.query('select 1'))
  client.end().catch(() => {})
  expectMessage(await failure, 'Connection terminated')
  expectMessage(await failureOf(client.query('select 1')), 'Client was closed and is not queryable')
})

test('a server that does not answer the query', async (t) => {
  const client = await connectedClient(t, {}, { query_timeout: 30 })
  expectMessage(await failureOf(client.query('select 1')), 'Query read timeout')
})

test('a server that accepts the connection and does not answer', async (t) => {
  const client = await createClient(t, { onConnect: () => {} }, { connectionTimeoutMillis: 30 })
  expectMessage(await failureOf(client.connect()), 'timeout expired')
})

test('an exhausted pool, a pool that cannot connect in time, and a closed pool', async (t) => {
  const server = await startFakePostgres({})
  const silent = await startFakePostgres({ onConnect: () => {} })
  const options = { connectionString: server.url, max: 1, connectionTimeoutMillis: 50 }
  const pool = new pg.Pool(options)
  const never = new pg.Pool({ ...options, connectionString: silent.url })
  t.after(() => Promise.all([server.close(), silent.close(), never.end()]))
  const client = await pool.connect()
  expectMessage(await failureOf(pool.connect()), 'timeout exceeded when trying to connect')
  client.release(true)
  await pool.end()
  expectMessage(await failureOf(pool.connect()), 'Cannot use a pool after calling end on the pool')
  expectMessage(await failureOf(never.connect()), 'Connection terminated')
})

test('a server without TLS, and one with an invalid reply to the TLS request', async (t) => {
  for (const [answer, text] of [
    ['N', 'The server does not support SSL connections'],
    ['?', 'There was an error establishing an SSL connection'],
  ] as const) {
    const client = await createClient(t, { onConnect: (socket) => socket.write(answer) }, { ssl: true })
    expectMessage(await failureOf(client.connect()), text)
  }
})

test('a server that requires a password when none is configured', async (t) => {
  const type = Buffer.alloc(4)
  type.writeInt32BE(10)
  const sasl = message('R', Buffer.concat([type, Buffer.from('SCRAM-SHA-256\0\0')]))
  const challenge = Buffer.from(type)
  challenge.writeInt32BE(11)
  const client = await createClient(t, {
    onConnect: (socket) => socket.write(sasl),
    onQuery: (socket) => socket.write(message('R', Buffer.concat([challenge, Buffer.from('r=x,s=eA==,i=4096')]))),
  })
  expectMessage(await failureOf(client.connect()), 'SASL: ')
})

test('the installed version of pg produces every known message', () => {
  assert.deepEqual([...triggered].sort(), [...driver_messages].sort())
})

test('network errors have codes: connection refused, unknown host, reset', async (t) => {
  const refused = new pg.Client('postgres://nobody@127.0.0.1:1/nothing')
  const unknown = new pg.Client('postgres://nobody@name.invalid:5432/nothing')
  const reset = await createClient(t, { onConnect: (socket) => socket.resetAndDestroy() })
  const failures = await Promise.all([refused, unknown, reset].map((client) => failureOf(client.connect())))
  for (const failure of failures) assert.equal(translateError(failure)?.code, 'DB_UNAVAILABLE', failure.code)
  assert.equal(failures[0]?.code, 'ECONNREFUSED')
  assert.match(failures[1]?.code ?? '', /^(ENOTFOUND|EAI_AGAIN)$/)
  assert.equal(failures[2]?.code, 'ECONNRESET')
  for (const code of ['EAI_AGAIN', 'ETIMEDOUT', 'EPIPE', 'ERR_SSL_WRONG_VERSION_NUMBER', 'CERT_HAS_EXPIRED']) {
    assert.ok(isInfrastructure(Object.assign(new Error('x'), { code })), code)
  }
})

test('a programming error is not a database failure', () => {
  const errors = [
    new TypeError('x is not a function'),
    new Error('expected one row, got 2'),
    Object.assign(new Error('x'), { code: 'ERR_INVALID_ARG_TYPE' }),
    Object.assign(new Error('x'), { code: 'FST_ERR_CTP_BODY_TOO_LARGE' }),
    'a string',
    undefined,
  ]
  for (const error of errors) {
    assert.equal(translateError(error), undefined)
    assert.equal(isInfrastructure(error), false)
  }
})

test('an AppError is returned unchanged', () => {
  const locked = new LockTimeoutError()
  assert.equal(translateError(locked), locked)
  assert.equal(isInfrastructure(locked), false)
  assert.equal(isInfrastructure(new DatabaseUnavailableError()), true)
})

test('onConstraint maps known constraints and rethrows other errors', async () => {
  const violation = Object.assign(new Error('x'), { code: '23P01', constraint: 'occupancies_no_overlap' })
  const known = { occupancies_no_overlap: () => new BookingConflictError() }
  await assert.rejects(onConstraint(Promise.reject(violation), known), BookingConflictError)
  await assert.rejects(onConstraint(Promise.reject(violation), {}), violation)
  assert.equal(await onConstraint(Promise.resolve(5), known), 5)
})
