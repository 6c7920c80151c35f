// Figures in docs/ops that are constants of the code: both must say the same. And what documents refer to exists.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { rules } from '../../src/core/tenancy/audit.ts'
import { isolationRules } from '../../src/core/tenancy/isolation-check.ts'

const words: Record<string, number> = {
  one: 1,
  a: 1,
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  six: 6,
  eight: 8,
  ten: 10,
  twice: 2,
}
/** Milliseconds, bytes, or the number itself. */
const units: Record<string, number> = {
  ms: 1,
  s: 1000,
  second: 1000,
  seconds: 1000,
  minute: 60_000,
  minutes: 60_000,
  hours: 3_600_000,
  days: 86_400_000,
  kB: 1024,
  KiB: 1024,
  MB: 1024 * 1024,
}

/** The document, a phrase with the figure in its group, the source, and the constant in its group. */
const figures: readonly [document: string, phrase: RegExp, source: string, constant: RegExp][] = [
  ['runbook', /probes every (250 ms)/, 'core/postgres/breaker', /probe_ms \?\? (\d+)/],
  ['limits', /probes every\s+(250 ms)/, 'core/postgres/breaker', /probe_ms \?\? (\d+)/],
  ['limits', /logs the reason every (30 s)/, 'core/postgres/breaker', /reminder_interval_ms \?\? ([\d_]+)/],
  ['limits', /no reply for a (second), and/, 'core/postgres/breaker', /silence_ms \?\? (\d+)/],
  ['runbook', /no connection became free within a (second)/, 'core/postgres/leases', /max_wait_ms: (\d+)/],
  ['limits', /requests waiting for a connection \| (200),/, 'core/postgres/leases', /min_length: (\d+)/],
  [
    'runbook',
    /statement took over (5 s)/,
    'core/postgres/database',
    /default_limits[^\n]*'statement_timeout', '(\d+)'/,
  ],
  [
    'runbook',
    /lock was not free within (2 s)/,
    'core/postgres/database',
    /default_limits = sql`set_config\('lock_timeout', '(\d+)'/,
  ],
  ['runbook', /\| (three) attempts failed/, 'core/postgres/database', /max_attempts = (\d+)/],
  ['limits', /retries included \| (9 s)/, 'core/postgres/database', /request_limit_ms = (\d+)/],
  [
    'limits',
    /idle in a transaction \| (10 s)/,
    'core/postgres/database',
    /'idle_in_transaction_session_timeout', '(\d+)'/,
  ],
  ['limits', /it is retried for (1\.5 s)/, 'core/postgres/database', /reconnect_limit_ms = (\d+)/],
  ['limits', /kept for (10 minutes)/, 'core/postgres/pools', /idle_ms = ([\d_]+)/],
  ['runbook', /stop waiting after (200 ms)/, 'core/migrations/session', /lock_timeout[^\d]*(\d+)/],
  ['migrations', /up to (40) times/, 'core/migrations/session', /max_attempts = (\d+)/],
  ['migrations', /waited for up to (60 s)/, 'core/migrations/session', /lock_wait_ms = ([\d_]+)/],
  ['runbook', /shutdown took over (25 s)/, 'commands/shutdown', /stop_timeout_ms = ([\d_]+)/],
  ['limits', /After (25 s), or at a second signal/, 'commands/shutdown', /stop_timeout_ms = ([\d_]+)/],
  ['runbook', /becomes ready within (five seconds)/, 'core/tenancy/watch', /findings_ttl_ms = (\d+)/],
  ['runbook', /has served in the last (24 hours)/, 'core/auth/remembered-admins', /lifetime_ms = ([\d_* ]+)/],
  ['runbook', /tries an event (eight) times/, 'core/events/delivery', /max_failures = (\d+)/],
  ['runbook', /reconnects within (ten seconds)/, 'core/redis', /\(attempt - 1\), ([\d_]+)\)/],
  ['runbook', /(two) at a time run per process/, 'http/mutation', /concurrency: (\d+)/],
  ['limits', /of one person \| 2 \| (250) \(/, 'http/mutation', /maxWaiting: (\d+)/],
  ['limits', /\((2,000) per process\)/, 'http/mutation', /maxWaitingTotal: (\d+)/],
  ['limits', /per process\) \| (4 s) \|/, 'http/mutation', /max_wait_ms = (\d+)/],
  ['limits', /request line and headers \| (16 KiB)/, 'http/server', /max_header_bytes = ([\d* ]+)/],
  ['limits', /open connections \| (10,000)/, 'http/server', /max_connections = ([\d_]+)/],
  ['limits', /headers have arrived \| (5 s)/, 'http/server', /headersTimeout: (\d+)/],
  ['limits', /whole request has arrived \| (10 s)/, 'http/server', /requestTimeout: ([\d_]+)/],
  ['limits', /an idle connection \| (65 s)/, 'http/server', /keepAliveTimeout: ([\d_]+)/],
  ['limits', /URL; one path segment \| (8 KiB)/, 'http/request-guard', /max_url = (\d+)/],
  ['limits', /\| body \| (64 kB);/, 'http/body-limits', /max_body_bytes = ([\d* ]+)/],
  ['limits', /64 kB; (4 kB) under/, 'http/body-limits', /max_small_body_bytes = ([\d* ]+)/],
  ['limits', /chunks of a body \| (1,000)/, 'http/body-limits', /max_chunks = (\d+)/],
  ['limits', /nesting \| (2,000);/, 'http/body-limits', /max_values = (\d+)/],
  ['limits', /2,000; (16) levels/, 'http/body-limits', /max_depth = (\d+)/],
  ['limits', /validation error \| (20), each/, 'http/validation-errors', /max_details = (\d+)/],
  ['limits', /1, for (10 minutes); 5 s/, 'http/export-slots', /max_duration_ms = ([\d_* ]+)/],
  ['limits', /10 minutes; (5 s) once/, 'http/export-slots', /shutdown_ms = (\d+)/],
]

function numberOf(text: string): number {
  const [amount = '', unit] = text.replaceAll(',', '').split(/\s+/)
  if (unit === undefined && units[amount] !== undefined) return units[amount]
  const number = words[amount] ?? Number(amount)
  return number * (unit === undefined ? 1 : (units[unit] ?? Number.NaN))
}

const product = (text: string) =>
  text
    .replaceAll('_', '')
    .split('*')
    .reduce((result, factor) => result * Number(factor), 1)

for (const [document, phrase, source, constant] of figures) {
  const words_of = phrase.source
    .replaceAll(/\\s\+|[\\()|]/g, ' ')
    .replaceAll(/ +/g, ' ')
    .trim()
    .slice(0, 40)
  test(`${document}.md, "${words_of}", is as in ${source}.ts`, () => {
    const [, written] = phrase.exec(readFileSync(`docs/ops/${document}.md`, 'utf8')) ?? []
    const [, found] = constant.exec(readFileSync(`src/${source}.ts`, 'utf8')) ?? []
    assert.ok(written !== undefined, `the document does not have ${phrase}`)
    assert.ok(found !== undefined, `the source does not have ${constant}`)
    assert.equal(numberOf(written), product(found))
  })
}

/** Ids such as S14, X07 or W4: of the scorecard, of the tenancy audit, and of the states in ADR 0011. */
function knownIds(): Set<string> {
  const idsIn = (file: string) =>
    readFileSync(file, 'utf8')
      .match(/^\| .*$/gm)
      ?.join('\n')
      .match(/\b[A-Z]\d{1,2}\b/g) ?? []
  return new Set([
    ...rules.map(({ id }) => id),
    ...Object.keys(isolationRules),
    ...idsIn('docs/scorecard.md'),
    ...idsIn('docs/adr/0011-idempotency-in-the-transaction.md'),
  ])
}

test('ids of scenarios, rules and states in documents and comments exist', () => {
  const known = knownIds()
  const documents = globSync('{docs/**/*.md,*.md}').filter((file) => !file.startsWith('docs/performance'))
  const sources = globSync('{src,test,proof,scripts}/**/*.ts')
  const dangling = [...documents, ...sources].flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => file.endsWith('.md') || /^\s*(\/\/|\*|\/\*\*)/.test(line))
      .flatMap((line) => line.match(/(?<![\w/.#-])[BDSTWX]\d{1,2}\b(?![\w-])/g) ?? [])
      .filter((id) => !known.has(id))
      .map((id) => `${file}: ${id}`),
  )
  assert.deepEqual(dangling, [])
})
