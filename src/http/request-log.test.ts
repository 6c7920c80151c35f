// The log line of a request: what it has, and what it never has.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { password, players } from '../../test/cast.ts'
import { cast } from '../../test/harness.ts'
import { recordingLog } from '../../test/recording-log.ts'

const recording = recordingLog()
const fixture = await cast({ log: recording.log, env: { LOG_LEVEL: 'info' } })
after(() => recording.lines.splice(0))

/** The lines that `work` logs. */
async function linesOf(work: () => Promise<unknown>) {
  recording.lines.splice(0)
  await work()
  return [...recording.lines]
}

const missing = '00000000-0000-7000-8000-00000000dead'
const cases: [path: string, logged: Record<string, unknown>][] = [
  ['/api/v1/propertys', { status: 404, path: '/api/v1/propertys' }],
  ['/wp-login.php?user=ada@example.com', { status: 404, path: '/wp-login.php' }],
  [
    `/api/v1/properties/${missing}`,
    { status: 404, path: `/api/v1/properties/${missing}`, route: '/api/v1/properties/:id' },
  ],
  [`/${'x'.repeat(1000)}`, { status: 404, path: `/${'x'.repeat(299)}…` }],
  ['/api/v1/properties?q=Ada', { status: 200, route: '/api/v1/properties', path: undefined }],
]
for (const [path, logged] of cases) {
  test(`GET ${path.slice(0, 40)}: the line of a ${logged.status} has ${logged.path ? 'its path' : 'no path'}`, async () => {
    const lines = await linesOf(() => fixture.staff.get(path))
    const line = lines.find(({ msg }) => msg === 'request')
    assert.deepEqual(Object.fromEntries(Object.keys(logged).map((key) => [key, line?.[key]])), logged)
    assert.ok(!JSON.stringify(lines).includes('Ada') && !JSON.stringify(lines).includes('ada@'))
  })
}

test('a method that a path does not have is logged with the path', async () => {
  const lines = await linesOf(() => fixture.staff.request('PUT', '/api/v1/properties'))
  assert.deepEqual([lines.at(-1)?.status, lines.at(-1)?.path], [405, '/api/v1/properties'])
})

const login = (email: string, given: string) =>
  fixture.app.inject({
    method: 'POST',
    url: '/api/v1/auth/login',
    payload: { email, password: given },
    remoteAddress: '192.0.2.7',
  })

test('a failed sign-in is logged with e-mail address, network address and account', async () => {
  const { email, user_id } = players.staff
  const [line] = await linesOf(() => login(` ${email.toUpperCase()}`, 'not my password'))
  const { request_id, time, ...logged } = line ?? { request_id: '', time: '' }
  assert.deepEqual(logged, { level: 40, email, address: '192.0.2.7', user_ids: [user_id], msg: 'sign-in failed' })
  const [unknown] = await linesOf(() => login('nobody@example.com', 'not my password'))
  assert.deepEqual([unknown?.email, unknown?.user_ids], ['nobody@example.com', []])
})

test('passwords are not logged, not even one that was typed as the e-mail address', async () => {
  const lines = await linesOf(async () => {
    await login(players.staff.email, 'not my password')
    await login('not my password', 'not my password')
    assert.equal((await login(players.staff.email, password)).statusCode, 200)
  })
  assert.equal(lines.filter(({ msg }) => msg === 'sign-in failed').length, 2)
  for (const text of ['not my password', password]) assert.ok(!JSON.stringify(lines).includes(text))
})
