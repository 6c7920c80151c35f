// Proves what roost verify contract prints and answers: in this process, at an address, and where an error is not as documented.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { players } from '../../../test/cast.ts'
import { cast, secret } from '../../../test/harness.ts'
import { everythingIn, verify } from '../../../test/verify-fixture.ts'
import { errorCatalogue } from '../../core/app-error.ts'
import { callerOn, listenHere } from './contract/caller.ts'
import { unprovoked } from './contract/provocations.ts'
import { sceneAt } from './contract/staging.ts'
import { type ContractReport, tryAll } from './contract/trial.ts'

const stage = await cast({ env: { RATE_LIMIT: '100000' } })
const { store } = stage
const origin = await listenHere(stage.app)
// So that nobody waits 5 s for REQUEST_TIMEOUT.
stage.app.server.headersTimeout = 500
const url = `http://127.0.0.1:${origin.port}`
const elsewhere = ['contract', '--url', url, '--json']

const skippedIn = ({ trials }: ContractReport) => trials.flatMap(({ code, skipped }) => (skipped ? [code] : []))

test('in this process all but the few that need more are provoked, and as documented; every table is as before', async () => {
  const before = await everythingIn(store)
  const { out, code } = await verify(store, ['contract', '--json'])
  assert.equal(code, 0, out)
  const report = JSON.parse(out) as ContractReport
  assert.equal(report.trials.length, errorCatalogue.length)
  assert.deepEqual(skippedIn(report), [
    ...(store.is_embedded ? ['IDEMPOTENCY_IN_PROGRESS', 'COMMIT_UNKNOWN'] : []),
    ...Object.keys(unprovoked),
  ])
  assert.ok(report.heads >= 6)
  assert.deepEqual(report.findings, [])
  assert.deepEqual(await everythingIn(store), before)
})

test('at an address it provokes what needs no fault inside, on a scratch agency in the same database', async () => {
  const before = await everythingIn(store)
  const { out, code } = await verify(store, elsewhere, { JWT_SECRET: secret })
  assert.equal(code, 0, out)
  const report = JSON.parse(out) as ContractReport
  const inside = [
    'INTERNAL_ERROR',
    'OVERLOADED',
    'DB_UNAVAILABLE',
    'POOL_EXHAUSTED',
    'QUERY_TIMEOUT',
    'TX_CONTENTION',
    'SCHEMA_DRIFT',
  ]
  const others = [
    'FEATURE_DISABLED',
    'COMMIT_UNKNOWN',
    ...Object.keys(unprovoked),
    'IDENTITY_UNAVAILABLE',
    'SHUTTING_DOWN',
    'EXPORT_IN_PROGRESS',
  ]
  const locks = store.is_embedded ? ['IDEMPOTENCY_IN_PROGRESS', 'LOCK_TIMEOUT'] : []
  assert.deepEqual(skippedIn(report).sort(), [...inside, ...others, ...locks].sort())
  assert.match(report.trials.find((trial) => trial.code === 'INTERNAL_ERROR')?.skipped ?? '', /run without --url/)
  assert.deepEqual(await everythingIn(store), before)
})

test('without the secret it says so and provokes what needs nobody; with a token what a reader may see', async () => {
  const nobody = await verify(store, ['contract', '--url', url], {
    JWT_SECRET: '',
    JWT_JWKS_URL: 'http://x',
    JWT_ISSUER: 'x',
  })
  assert.equal(nobody.code, 0, nobody.out)
  assert.match(nobody.err, /only what needs nobody signed in is provoked/)
  assert.match(nobody.out, /LAST_ADMIN.*: not provoked, needs a scratch agency/)
  assert.match(nobody.out, /BOOKING_NOT_FOUND.*: not provoked, needs somebody signed in: --token$/m)
  const { token } = await stage.tokens.issue({ user_id: players.manager.user_id })
  const reader = await verify(store, [...elsewhere, '--token', token])
  assert.equal(reader.code, 0, reader.out)
  const report = JSON.parse(reader.out) as ContractReport
  assert.ok(!skippedIn(report).includes('BOOKING_NOT_FOUND'))
  assert.ok(skippedIn(report).includes('LAST_ADMIN'))
})

test('an error with another status, and one without its headers, are named: exit code 1', async (t) => {
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
  broken.app.server.headersTimeout = 500
  const { out, code } = await verify(store, ['contract', '--url', `http://127.0.0.1:${port}`], { JWT_SECRET: secret })
  assert.equal(code, 1, out)
  assert.match(
    out,
    /^2 findings, in 2 errors:\n {2}PROPERTY_NOT_FOUND: status 410 instead of 404\n {2}METHOD_NOT_ALLOWED: no Allow$/m,
  )
})

test('a code that nobody has said how to provoke, and one whose way fails, are findings and not the end', async () => {
  const texts = { message: 'Too much.', when: 'Too much.', advice: 'Wait.' }
  const overloaded = { code: 'OVERLOADED', status: 503, retryable: true, ...texts }
  const failing = { code: 'FAILING', status: 500, retryable: false, ...texts }
  const fail = async () => {
    throw new Error('no reply')
  }
  const ways = { FAILING: [{ needs: 'nothing', provoke: fail }] } as const
  const page = '<a id="FAILING"></a>`FAILING` | 500 |'
  const { findings } = await tryAll(sceneAt(origin), { catalogue: [overloaded, failing], page, ways })
  assert.deepEqual(findings, [
    'OVERLOADED: nobody has said how to provoke it (src/commands/verify/contract/provocations.ts)',
    'OVERLOADED: is not in docs/errors.md',
    'FAILING: could not be provoked: no reply',
  ])
})

test('HEAD that differs from GET is a finding', async () => {
  const scene = sceneAt(origin)
  const deaf = {
    ...callerOn(origin),
    request: async (method: string) => callerOn(origin).get(method === 'HEAD' ? 'me' : 'castles'),
  }
  const { findings } = await tryAll({ ...scene, anonymous: deaf }, { catalogue: [], page: '' })
  assert.ok(findings.includes('HEAD castles: status 401 instead of 404'), findings.join('\n'))
  assert.ok(findings.includes('HEAD castles: has a body'))
})

test('what cannot run ends with exit code 2 and one line: a wrong address, nobody there, another database', async () => {
  const cases: [string[], Record<string, string>, RegExp][] = [
    [['--token', 'x'], {}, /^--token goes with --url$/],
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
  assert.equal((await verify(store, ['contract', '--clean'])).out, 'Nothing was left.')
  assert.match((await verify(store, ['contract', '--help'])).out, /\$ roost verify contract --url http/)
})
