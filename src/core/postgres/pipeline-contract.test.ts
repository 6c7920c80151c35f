// What pipeline.ts relies on in the installed version of pg, point by point of its comment.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import pg from 'pg'
import { openTestStore } from '../../../test/engines.ts'
import { startEchoServer } from '../../../test/fake-session.ts'
import { until } from '../../../test/until.ts'
import { openServerPool } from './pools.ts'

const store = await openTestStore()
// The owner of the embedded database is its pool.
const pool = store.url === undefined ? (store.owner as pg.Pool) : openServerPool({ url: store.url, size: 2 })
after(async () => {
  if (store.url !== undefined) await pool.end()
  await store.close()
})

type Message = Record<string, unknown>
interface Connection {
  readonly parsedStatements: object
  readonly submittedNamedStatements: object
  parse(message: Message): void
  bind(message: Message): void
  describe(message: Message): void
  execute(): void
  close(message: Message): void
  sync(): void
}

const connectionOf = (client: pg.PoolClient) => client.connection as unknown as Connection

interface Recording {
  /** The calls of pg, in order. */
  readonly calls: string[]
}

/** A query as pipeline.ts makes it. It records how pg calls it, with the prefix `name`. */
function recordingQuery(work: (connection: Connection) => unknown, name = '', calls: string[] = []): Recording {
  const record = (call: string) => calls.push(`${name}${call}`)
  const query = {
    calls,
    submit(connection: Connection) {
      record('submit')
      return work(connection) ?? null
    },
    handleRowDescription: ({ fields }: { fields: { name: string; dataTypeID: number }[] }) =>
      record(`columns ${fields.map((field) => `${field.name}:${field.dataTypeID}`)}`),
    handleDataRow: ({ fields }: { fields: (string | null)[] }) => record(`row ${JSON.stringify(fields)}`),
    handleCommandComplete: ({ text }: { text: string }) => record(text),
    handleEmptyQuery: () => record('empty'),
    handleError: ({ message }: Error) => record(`error ${message}`),
    handleReadyForQuery: () => record('ready'),
  }
  return Object.setPrototypeOf(query, pg.Query.prototype)
}

function execute(connection: Connection, text: string, values: unknown[] = [], name?: string): void {
  if (name !== undefined) connection.close({ type: 'S', name })
  connection.parse({ name, text })
  connection.bind({ statement: name, values })
  connection.describe({ type: 'P' })
  connection.execute()
}

/** Sends the query and waits for its end. */
async function run(client: pg.PoolClient, query: Recording): Promise<string[]> {
  client.query(query as unknown as pg.Submittable)
  await until(() => query.calls.some((call) => /ready$|error /.test(call)))
  return query.calls
}

async function withClient<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  try {
    return await work(client)
  } finally {
    client.release()
  }
}

test('1, 3, 4: several statements with one Sync; every answer goes to its own method', () =>
  withClient(async (client) => {
    const query = recordingQuery((connection) => {
      execute(connection, 'select $1::int as a, null::text as b', ['1'])
      execute(connection, '')
      execute(connection, 'select 2 as c', [], 'named')
      connection.sync()
    })
    const columns = [
      'columns a:23,b:25',
      'row ["1",null]',
      'SELECT 1',
      'empty',
      'columns c:23',
      'row ["2"]',
      'SELECT 1',
    ]
    assert.deepEqual(await run(client, query), ['submit', ...columns, 'ready'])
  }))

test('1: an object that is not an instance of pg.Query is refused in pipeline mode', () =>
  withClient(async (client) => {
    const query = Object.setPrototypeOf(
      recordingQuery(() => {}),
      Object.prototype,
    )
    assert.match(String(await run(client, query)), /^error Custom query classes .* not supported in pipeline mode$/)
  }))

test('2: submit is called at once, and answers go to the queries in order', () =>
  withClient(async (client) => {
    const calls: string[] = []
    const send = (name: string) =>
      recordingQuery(
        (connection) => {
          execute(connection, `select '${name}' as x`)
          connection.sync()
        },
        `${name} `,
        calls,
      )
    client.query(send('one') as unknown as pg.Submittable)
    client.query(send('two') as unknown as pg.Submittable)
    assert.deepEqual(calls, ['one submit', 'two submit'])
    await until(() => calls.includes('two ready'))
    const answers = (name: string) =>
      ['columns x:25', `row ["${name}"]`, 'SELECT 1', 'ready'].map((one) => `${name} ${one}`)
    assert.deepEqual(calls.slice(2), [...answers('one'), ...answers('two')])
  }))

test('2: an error returned by submit goes to handleError, and the connection stays usable', () =>
  withClient(async (client) => {
    assert.deepEqual(
      await run(
        client,
        recordingQuery(() => new Error('not sent')),
      ),
      ['submit', 'error not sent'],
    )
    assert.deepEqual((await client.query('select 1 as one')).rows, [{ one: 1 }])
  }))

test('4: after an error the server skips to the Sync, and no other method is called', () =>
  withClient(async (client) => {
    const query = recordingQuery((connection) => {
      execute(connection, 'select 1 as a')
      execute(connection, 'select 1 / 0')
      execute(connection, 'select 3')
      connection.sync()
    })
    await run(client, query)
    // Its answer comes behind the ReadyForQuery of the failed one.
    assert.deepEqual((await client.query('select 4 as a')).rows, [{ a: 4 }])
    assert.deepEqual(query.calls.slice(0, 4), ['submit', 'columns a:23', 'row ["1"]', 'SELECT 1'])
    assert.deepEqual(query.calls.slice(-1), ['error division by zero'])
    assert.equal(query.calls.filter((call) => /error|ready/.test(call)).length, 1)
  }))

test('6: pg records no prepared statements, and closing an unknown one is no error', () =>
  withClient(async (client) => {
    const prepare = () =>
      recordingQuery((connection) => {
        execute(connection, 'select 5 as a', [], 'prepared')
        connection.sync()
      })
    await run(client, prepare())
    await run(client, prepare())
    const use = recordingQuery((connection) => {
      connection.bind({ statement: 'prepared', values: [] })
      connection.execute()
      connection.sync()
    })
    assert.deepEqual(await run(client, use), ['submit', 'row ["5"]', 'SELECT 1', 'ready'])
    const { parsedStatements, submittedNamedStatements } = connectionOf(client)
    assert.deepEqual([parsedStatements, submittedNamedStatements], [{}, {}])
  }))

test('7: values become the texts that PostgreSQL reads', () => {
  const { prepareValue } = (pg as unknown as { utils: { prepareValue(value: unknown): unknown } }).utils
  const values = [1, true, null, undefined, ['a', 'b"c', null], { a: 1 }, Buffer.from('x')]
  assert.deepEqual(values.map(prepareValue), [
    '1',
    'true',
    null,
    null,
    '{"a","b\\"c",NULL}',
    '{"a":1}',
    Buffer.from('x'),
  ])
})

// The embedded database has no socket.
if (store.url !== undefined) {
  test('3: messages of a corked connection wait until it is uncorked', () =>
    withClient(async (client) => {
      const { stream } = client.connection
      const waiting: number[] = []
      const query = recordingQuery((connection) => {
        stream.cork()
        execute(connection, 'select 1')
        connection.sync()
        waiting.push(stream.writableLength)
        stream.uncork()
      })
      await run(client, query)
      waiting.push(stream.writableLength)
      assert.ok((waiting[0] ?? 0) > 40, String(waiting))
      assert.equal(waiting[1], 0)
    }))
}

test('5: without query_timeout pg changes no property of the query', () =>
  withClient(async (client) => {
    const query = recordingQuery((connection) => {
      execute(connection, 'select 1')
      connection.sync()
    })
    const before = { ...query }
    await run(client, query)
    assert.deepEqual({ ...query }, before)
  }))

test('5: a lost connection fails every query that was sent', async (t) => {
  const server = await startEchoServer()
  const lost = openServerPool({ url: server.url, size: 1 })
  t.after(async () => {
    await lost.end()
    await server.close()
  })
  const client = await lost.connect()
  client.on('error', () => {})
  const queries = ['one', 'two'].map(() =>
    recordingQuery((connection) => {
      execute(connection, "select 'slow'")
      connection.sync()
    }),
  )
  for (const query of queries) client.query(query as unknown as pg.Submittable)
  server.terminate()
  await until(() => queries.every(({ calls }) => calls.some((call) => call.startsWith('error'))))
  client.release(true)
})
