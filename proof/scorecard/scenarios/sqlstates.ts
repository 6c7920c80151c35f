// S13: the database fails with each of these SQLSTATEs in the middle of every operation: what the client is told.
// Every tenant table gets one more policy, whose function raises the error as soon as a row is looked at or written.
import { castProperties } from '../../../test/cast.ts'
import { tenantTables } from '../../../test/isolation/tables.ts'
import type { Answer, Sender } from '../../../test/sender.ts'
import { fillBoth } from '../../../test/two-agencies.ts'
import { until } from '../../../test/until.ts'
import { type Operation, operationsAt } from '../fuzz/document.ts'
import { ownIdFor } from '../fuzz/requests.ts'
import { type Check, exactly, fired, type Measure, told } from '../scenario.ts'
import { onTarget, type Target } from '../target.ts'

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
const innermost = 'what nobody may read'

export const sqlstates: Measure = {
  id: 'S13',
  title: `${Object.keys(expected).length} SQLSTATEs in the middle of every operation`,
  seconds: { full: 60 },
  run: () => onTarget(failed),
}

async function failed(target: Target): Promise<Check[]> {
  await fillBoth(target)
  const operations = (await operationsAt(target.as(undefined))).filter(
    ({ roles, path }) => roles.length > 0 && !path.startsWith('/ops'),
  )
  await arm(target, undefined)
  for (const table of tenantTables.keys()) {
    await target.rows(
      `create policy fault on ${table} as restrictive for all to authenticated using (app.fault()) with check (app.fault())`,
    )
  }
  const verdicts: Verdict[] = []
  for (const sqlstate of Object.keys(expected)) verdicts.push(...(await faultIn(target, operations, sqlstate)))
  const unreached = new Set(verdicts.filter(({ is_reached }) => !is_reached).map(({ name }) => name))
  const reached = verdicts.filter(({ is_reached }) => is_reached)
  const wrong = reached.filter(({ trouble }) => trouble !== undefined)
  for (const { sqlstate, name, trouble } of wrong.slice(0, 20)) {
    process.stderr.write(`S13: ${sqlstate} in ${name}: ${trouble}\n`)
  }
  return [
    fired('operations whose rows fail', operations.length - unreached.size, Math.floor(operations.length * 0.8)),
    fired('failures', reached.length, 500),
    exactly('failures told otherwise', wrong.length, 0),
    told('operations that look at no row', [...unreached].join(', ') || 'none'),
  ]
}

interface Verdict {
  readonly sqlstate: string
  readonly name: string
  /** The answer is about the failure, not about what was asked. */
  readonly is_reached: boolean
  readonly trouble: string | undefined
}

/** All operations at once, while every look at a row fails like this. */
async function faultIn(target: Target, operations: readonly Operation[], sqlstate: string): Promise<Verdict[]> {
  const admin = target.as('admin')
  await until(async () => (await admin.send('GET', `properties/${castProperties.town.id}`)).status === 200)
  await arm(target, sqlstate)
  const verdicts = await Promise.all(
    operations.map(async (operation) => {
      const answer = await call(admin, operation)
      // A write in what is only to be read is our bug.
      const is_bug = sqlstate === '25006' && operation.method === 'GET'
      const trouble = troubleOf(answer, is_bug ? '500 INTERNAL_ERROR' : (expected[sqlstate] ?? ''))
      const is_reached = trouble === undefined || answer.status >= 500
      return { sqlstate, name: operation.name, is_reached, trouble }
    }),
  )
  await arm(target, undefined)
  return verdicts
}

async function arm({ rows }: Target, sqlstate: string | undefined): Promise<void> {
  const body = sqlstate === undefined ? 'return true;' : `raise exception '${innermost}' using errcode = '${sqlstate}';`
  await rows(`create or replace function app.fault() returns boolean language plpgsql stable set search_path = ''
    as $fault$ begin ${body} end $fault$`)
  await rows('grant execute on function app.fault() to authenticated')
}

const sample: Readonly<Record<string, string>> = {
  property_id: castProperties.town.id,
  from: '2030-01-01',
  to: '2030-02-01',
  check_in: '2030-01-02',
  check_out: '2030-01-03',
}

/** A good request, as far as the document's example goes, about what there is. */
function call(sender: Sender, operation: Operation): Promise<Answer> {
  const { method, path, required_query, example } = operation
  const query = required_query.map((name) => `${name}=${sample[name] ?? ''}`).join('&')
  const url = `${path.replace('{id}', ownIdFor(operation))}${query === '' ? '' : `?${query}`}`
  const named = Object.keys(example ?? {}).filter((name) => name === 'property_id')
  const body = example && { ...example, ...Object.fromEntries(named.map((name) => [name, castProperties.town.id])) }
  return sender.send(method, url, body)
}

function troubleOf({ status, code, text, headers }: Answer, kind: string): string | undefined {
  if (`${status} ${code}` !== kind) return `${status} ${code}, not ${kind}`
  if (text.includes(innermost)) return 'it says why'
  if (status === 503 && headers['retry-after'] === undefined) return 'no Retry-After'
  return undefined
}
