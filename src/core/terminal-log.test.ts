// The log on a terminal: one readable line for each line of the JSON log.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import { createLog } from './log.ts'
import { createTerminalLog } from './terminal-log.ts'

let out = ''
const write = (text: string) => {
  out += text
  return true
}
const log = createLog('info', createTerminalLog({ write }))

/** What `write` prints, without colours and the time of day. */
function printed(work: () => void): string {
  out = ''
  work()
  return stripVTControlCharacters(out).replace(/^\d\d:\d\d:\d\d /, '')
}

const request = {
  request_id: 'r',
  agency_id: 'a',
  method: 'GET',
  route: '/api/v1/properties/:id',
  status: 200,
  ms: 4.3,
}
const lines: [name: string, write: () => void, expected: string][] = [
  ['a request', () => log.info(request, 'request'), 'GET /api/v1/properties/:id 200 4.3 ms\n'],
  [
    'a request without a route',
    () => log.info({ ...request, route: undefined, path: '/wp-admin', status: 404 }, 'request'),
    'GET /wp-admin 404 4.3 ms\n',
  ],
  [
    'a message with members',
    () => log.info({ applied: ['a', 'b'], port: 1 }, 'done'),
    'done applied=["a","b"] port=1\n',
  ],
  ['a warning with its reason', () => log.warn({ err: new Error('why') }, 'late'), 'WARNING late why\n'],
  [
    'control characters of a client',
    () => log.info({ ...request, path: '/\u001b[2J\n\u009b' }, 'request'),
    'GET /\\x1b[2J\\x0a\\x9b 200 4.3 ms\n',
  ],
  ['a secret', () => log.info({ token: 'geheim' }, 'x'), 'x token=geheim\n'],
]
for (const [name, write, expected] of lines) {
  test(`a terminal shows ${name} in one line`, () => assert.equal(printed(write), expected))
}

test('a terminal shows an error with its stack', () => {
  assert.match(
    printed(() => log.error({ err: new Error('broken') }, 'failed')),
    /^ERROR failed Error: broken\n +at /,
  )
})
