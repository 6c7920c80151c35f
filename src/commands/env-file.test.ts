// The file .env: which variables it adds, and which files are refused.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { ConfigError } from '../config.ts'
import { loadEnvFile } from './env-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'roost-env-'))
after(() => rmSync(folder, { recursive: true, force: true }))

/** The environment after `text` was read as .env. */
function load(text: string | Buffer, env: Record<string, string | undefined> = {}) {
  writeFileSync(join(folder, '.env'), text)
  loadEnvFile(env, folder)
  return env
}

const texts: [name: string, text: string | Buffer, given: Record<string, string>, expected: Record<string, string>][] =
  [
    [
      'plain, quoted and exported values',
      'A=1\nB="x # y"\nexport C=3 # note\n# D=4\n',
      {},
      { A: '1', B: 'x # y', C: '3' },
    ],
    ['the byte order mark and line ends of Windows', '\uFEFFA=1\r\nB=2\r\n', {}, { A: '1', B: '2' }],
    ['the environment wins', 'A=1\nB=2\n', { A: '9' }, { A: '9', B: '2' }],
    [
      'an empty variable of the environment wins',
      'DATABASE_URL=postgres://db/x\n',
      { DATABASE_URL: '' },
      { DATABASE_URL: '' },
    ],
    ['an empty ENV_FILE reads no file', 'A=1\n', { ENV_FILE: '' }, { ENV_FILE: '' }],
    ['a dollar sign in a password', "A='pa$s{w}rd'\n", {}, { A: 'pa$s{w}rd' }],
  ]
for (const [name, text, given, expected] of texts) {
  test(`.env: ${name}`, () => assert.deepEqual(load(text, { ...given }), expected))
}

const refused: [name: string, text: string | Buffer, problem: RegExp][] = [
  ['a command', 'JWT_SECRET=$(openssl rand -base64 48)\n', /^JWT_SECRET in \S+\.env contains a command/],
  ['a command in quotes', 'JWT_SECRET="`openssl rand -base64 48`"\n', /^JWT_SECRET in \S+\.env contains a command/],
  ['UTF-16', Buffer.from('A=1\r\n', 'utf16le'), /is not text in UTF-8/],
]
for (const [name, text, problem] of refused) {
  test(`.env is refused when it holds ${name}`, () => {
    assert.throws(
      () => load(text),
      (error) => error instanceof ConfigError && problem.test(error.message),
    )
  })
}

test('.env may be missing, but the file of ENV_FILE may not, and a folder is refused', () => {
  rmSync(join(folder, '.env'))
  const env = {}
  loadEnvFile(env, folder)
  assert.deepEqual(env, {})
  assert.throws(() => loadEnvFile({ ENV_FILE: join(folder, 'other') }, folder), ConfigError)
  mkdirSync(join(folder, '.env'))
  assert.throws(() => loadEnvFile({}, folder), ConfigError)
})
