// The output and exit codes of roost verify contract: in this process, with --url, and with undocumented errors.
// One engine is enough: this tests the command.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { players } from '../../../test/cast.ts'
import { cast, secret } from '../../../test/harness.ts'
import { everythingIn, verify } from '../../../test/verify-fixture.ts'
import { errorCatalogue } from '../../core/app-error.ts'
import { callerOn, listenHere } from './contract/caller.ts'
import { type ContractReport, runCases } from './contract/case-run.ts'
import { anonymousEnvironment, anonymously } from './contract/environment.ts'
import { not_triggered, triggers } from './contract/triggers.ts'

const fixture = await cast({ env: { RATE_LIMIT: '100000' } })
const { store } = fixture
const origin = await listenHere(fixture.app)
// REQUEST_TIMEOUT takes 5 s otherwise. Not less: a busy machine would answer it to other requests too.
fixture.app.server.headersTimeout = 2000
const url = `http://127.0.0.1:${origin.port}`
const at_url = ['contract', '--url', url, '--json']

const skippedIn = ({ trials }: ContractReport) => trials.flatMap(({ code, skipped }) => (skipped ? [code] : []))

/** Left to test/sweeps/contract.test.ts, or in need of another database. */
const not_from_outside = [
  'INTERNAL_ERROR',
  'OVERLOADED',
  'DB_UNAVAILABLE',
  'POOL_EXHAUSTED',
  'QUERY_TIMEOUT',
  'TX_CONTENTION',
  'SCHEMA_DRIFT',
  'FEATURE_DISABLED',
  'COMMIT_UNKNOWN',
  'TENANCY_FINDINGS',
  'DATABASE_UNSUITABLE',
  'IDENTITY_UNAVAILABLE',
  'SHUTTING_DOWN',
  'EXPORT_IN_PROGRESS',
  'IMPORT_IN_PROGRESS',
  'MEDIA_UNAVAILABLE',
]
const runs = {
  'on an API in this process': () => verify(store, ['contract', '--json']),
  'with --url, on a scratch agency in the same database': () => verify(store, at_url, { JWT_SECRET: secret }),
}
for (const [where, run] of Object.entries(runs)) {
  test(`${where}: all errors but those that need a fault inside are triggered`, async () => {
    const before = await everythingIn(store)
    const { out, code } = await run()
    assert.equal(code, 0, out)
    const report = JSON.parse(out) as ContractReport
    assert.equal(report.trials.length, errorCatalogue.length)
    const locks = store.is_embedded ? ['IDEMPOTENCY_IN_PROGRESS', 'LOCK_TIMEOUT'] : []
    assert.deepEqual(skippedIn(report).sort(), [...not_from_outside, ...locks].sort())
    const inside = report.trials.find((trial) => trial.code === 'INTERNAL_ERROR')
    assert.match(
      inside?.skipped ?? '',
      /needs a fault .* inside the process; tested by test\/sweeps\/contract\.test\.ts/,
    )
    assert.ok(report.heads >= 6)
    assert.deepEqual(report.findings, [])
    assert.deepEqual(await everythingIn(store), before)
  })
}

test('every reason names a documented error that has no trigger', () => {
  const codes = errorCatalogue.map(({ code }) => code)
  assert.deepEqual(
    Object.keys(not_triggered).filter((code) => !codes.includes(code) || code in triggers),
    [],
  )
})

test('without the secret only anonymous errors are triggered, with --token those of a reader too', async () => {
  const nobody = await verify(store, ['contract', '--url', url], {
    JWT_SECRET: '',
    JWT_JWKS_URL: 'http://x',
    JWT_ISSUER: 'x',
  })
  assert.equal(nobody.code, 0, nobody.out)
  assert.match(nobody.err, /only errors that need no sign-in are triggered/)
  assert.match(nobody.out, /LAST_ADMIN.*: not triggered, needs a scratch agency/)
  assert.match(nobody.out, /BOOKING_NOT_FOUND.*: not triggered, needs somebody signed in: --token$/m)
  const { token } = await fixture.tokens.issue({ user_id: players.manager.user_id })
  const reader = await verify(store, [...at_url, '--token', token])
  assert.equal(reader.code, 0, reader.out)
  const report = JSON.parse(reader.out) as ContractReport
  assert.ok(!skippedIn(report).includes('BOOKING_NOT_FOUND'))
  assert.ok(skippedIn(report).includes('LAST_ADMIN'))
})

test('an error with another status or without a header is a finding: exit code 1', async (t) => {
  const broken = await cast(
    {
      store: { ...store, close: async () => {} },
      env: { RATE_LIMIT: '100000' },
      extend: (app) => {
        app.addHook('onSend', async (_request, reply, payload) => {
          if (String(payload).includes('"PROPERTY_NOT_FOUND"')) reply.code(410)
          if (String(payload).includes('"METHOD_NOT_ALLOWED"')) reply.removeHeader('allow')
          return payload
        })
      },
    },
    t,
  )
  const { port } = await listenHere(broken.app)
  broken.app.server.headersTimeout = 2000
  const { out, code } = await verify(store, ['contract', '--url', `http://127.0.0.1:${port}`], { JWT_SECRET: secret })
  assert.equal(code, 1, out)
  assert.match(
    out,
    /^2 findings, in 2 errors:\n {2}PROPERTY_NOT_FOUND: status 410 instead of 404\n {2}METHOD_NOT_ALLOWED: no Allow$/m,
  )
})

test('a code without a trigger, and a trigger that fails, are findings; the run continues', async () => {
  const texts = { message: 'Too much.', when: 'Too much.', advice: 'Wait.' }
  const unknown = { code: 'UNKNOWN', status: 503, retryable: true, ...texts }
  const failing = { code: 'FAILING', status: 500, retryable: false, ...texts }
  const failing_triggers = {
    FAILING: [anonymously(() => Promise.reject(new Error('no reply')))],
  }
  const page = '<a id="FAILING"></a>`FAILING` | 500 |'
  const options = { catalogue: [unknown, failing], page, triggers: failing_triggers }
  const { findings } = await runCases(anonymousEnvironment(origin), options)
  assert.deepEqual(findings, [
    'UNKNOWN: has no trigger (src/commands/verify/contract/triggers.ts)',
    'UNKNOWN: is not in docs/errors.md',
    'FAILING: could not be triggered: no reply',
  ])
})

test('HEAD that differs from GET is a finding', async () => {
  const anonymous = {
    ...callerOn(origin),
    request: async (method: string) => callerOn(origin).get(method === 'HEAD' ? 'me' : 'castles'),
  }
  const environment = { ...anonymousEnvironment(origin), anonymous }
  const { findings } = await runCases(environment, { catalogue: [], page: '', triggers: {} })
  assert.ok(findings.includes('HEAD castles: status 401 instead of 404'), findings.join('\n'))
  assert.ok(findings.includes('HEAD castles: has a body'))
})

test('a wrong address, no server or another database ends with exit code 2 and one line', async () => {
  const cases: [string[], Record<string, string>, RegExp][] = [
    [['--token', 'x'], {}, /^--token requires --url$/],
    [['--url', 'nonsense'], {}, /^--url is an address without a path, such as/],
    [['--url', `${url}/api`], {}, /^--url is an address without a path/],
    [['--url', 'http://127.0.0.1:1'], {}, /does not answer as Roost: connect ECONNREFUSED/],
    [
      ['--url', url],
      { JWT_SECRET: 'y'.repeat(40) },
      /does not know the scratch agency .*: are DATABASE_URL and JWT_SECRET/,
    ],
  ]
  for (const [args, env, reason] of cases) {
    const { err, code } = await verify(store, ['contract', ...args], env)
    assert.equal(code, 2, err)
    assert.match(err, reason)
  }
  assert.equal((await verify(store, ['contract', '--clean'])).out, 'Nothing to remove.')
  assert.match((await verify(store, ['contract', '--help'])).out, /\$ roost verify contract --url http/)
})
