// S13: the answer of every operation when the database raises one of these SQLSTATEs.
//
// An additional policy on every tenant table calls a function that raises the error for every row read or written.
import { castProperties } from '../../../test/cast.ts'
import { tenantTables } from '../../../test/isolation/tables.ts'
import type { Answer, Sender } from '../../../test/sender.ts'
import { fillBoth } from '../../../test/two-agencies.ts'
import { until } from '../../../test/until.ts'
import { fetchOperations, type Operation } from '../fuzz/document.ts'
import { ownIdFor } from '../fuzz/requests.ts'
import { type Check, exactly, info, injected, type Scenario } from '../scenario.ts'
import { type Target, withTarget } from '../target.ts'

const expected: Readonly<Record<string, string>> = {
  '08006': '503 DB_UNAVAILABLE',
  '25006': '503 DB_UNAVAILABLE',
  '53100': '503 DB_UNAVAILABLE',
  '53200': '503 DB_UNAVAILABLE',
  '53300': '503 DB_UNAVAILABLE',
  '57P01': '503 DB_UNAVAILABLE',
  '57P03': '503 DB_UNAVAILABLE',
  '57014': '503 QUERY_TIMEOUT',
  '55P03': '503 LOCK_TIMEOUT',
  '40001': '503 TX_CONTENTION',
  '40P01': '503 TX_CONTENTION',
  '42P01': '503 SCHEMA_DRIFT',
  '22003': '422 VALIDATION_ERROR',
  '42601': '500 INTERNAL_ERROR',
  P0001: '500 INTERNAL_ERROR',
  XX000: '500 INTERNAL_ERROR',
}
const secret_message = 'internal error text'

export const sqlstates: Scenario = {
  id: 'S13',
  title: `${Object.keys(expected).length} SQLSTATEs raised in every operation`,
  seconds: { full: 60 },
  run: () => withTarget(checkErrors),
}

async function checkErrors(target: Target): Promise<Check[]> {
  await fillBoth(target)
  const operations = (await fetchOperations(target.as(undefined))).filter(
    ({ roles, path }) => roles.length > 0 && !path.startsWith('/ops'),
  )
  await setFault(target, undefined)
  for (const table of tenantTables.keys()) {
    await target.rows(
      `create policy fault on ${table} as restrictive for all to roost_tenant using (app.fault()) with check (app.fault())`,
    )
  }
  const results: FaultResult[] = []
  for (const sqlstate of Object.keys(expected)) results.push(...(await sendAll(target, operations, sqlstate)))
  const unreached = new Set(results.filter(({ is_reached }) => !is_reached).map(({ name }) => name))
  const reached = results.filter(({ is_reached }) => is_reached)
  const wrong = reached.filter(({ problem }) => problem !== undefined)
  for (const { sqlstate, name, problem } of wrong.slice(0, 20)) {
    process.stderr.write(`S13: ${sqlstate} in ${name}: ${problem}\n`)
  }
  return [
    injected(
      'operations that reached the fault',
      operations.length - unreached.size,
      Math.floor(operations.length * 0.8),
    ),
    injected('errors raised', reached.length, 500),
    exactly('wrong answers', wrong.length, 0),
    info('operations that read no row', [...unreached].join(', ') || 'none'),
  ]
}

interface FaultResult {
  readonly sqlstate: string
  readonly name: string
  /** The answer reports the fault. */
  readonly is_reached: boolean
  readonly problem: string | undefined
}

/** Sends all operations concurrently while every row access raises `sqlstate`. */
async function sendAll(target: Target, operations: readonly Operation[], sqlstate: string): Promise<FaultResult[]> {
  const admin = target.as('admin')
  await until(async () => (await admin.send('GET', `properties/${castProperties.town.id}`)).status === 200)
  await setFault(target, sqlstate)
  const results = await Promise.all(
    operations.map(async (operation) => {
      const answer = await call(admin, operation)
      // A read-only error in a GET request is a bug of the service.
      const is_bug = sqlstate === '25006' && operation.method === 'GET'
      const problem = problemOf(answer, is_bug ? '500 INTERNAL_ERROR' : (expected[sqlstate] ?? ''))
      const is_reached = problem === undefined || answer.status >= 500
      return { sqlstate, name: operation.name, is_reached, problem }
    }),
  )
  await setFault(target, undefined)
  return results
}

async function setFault({ rows }: Target, sqlstate: string | undefined): Promise<void> {
  const body =
    sqlstate === undefined ? 'return true;' : `raise exception '${secret_message}' using errcode = '${sqlstate}';`
  await rows(`create or replace function app.fault() returns boolean language plpgsql stable set search_path = ''
    as $fault$ begin ${body} end $fault$`)
  await rows('grant execute on function app.fault() to roost_tenant')
}

const sample: Readonly<Record<string, string>> = {
  property_id: castProperties.town.id,
  from: '2030-01-01',
  to: '2030-02-01',
  check_in: '2030-01-02',
  check_out: '2030-01-03',
}

/** The example request of the document, with existing ids. */
function call(sender: Sender, operation: Operation): Promise<Answer> {
  const { method, path, required_query, example } = operation
  const query = required_query.map((name) => `${name}=${sample[name] ?? ''}`).join('&')
  const url = `${path.replace('{id}', ownIdFor(operation))}${query === '' ? '' : `?${query}`}`
  const named = Object.keys(example ?? {}).filter((name) => name === 'property_id')
  const body = example && { ...example, ...Object.fromEntries(named.map((name) => [name, castProperties.town.id])) }
  return sender.send(method, url, body)
}

function problemOf({ status, code, text, headers }: Answer, kind: string): string | undefined {
  if (`${status} ${code}` !== kind) return `${status} ${code}, expected ${kind}`
  if (text.includes(secret_message)) return 'the answer contains the database message'
  if (status === 503 && headers['retry-after'] === undefined) return 'Retry-After is missing'
  return undefined
}
