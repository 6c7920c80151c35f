// Which configurations let browsers sign in over plain http.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseConfig } from '../config.ts'
import { findCookieProblem } from './session-cookie.ts'

const network = { HOST: '0.0.0.0' }
const provider = { JWT_JWKS_URL: 'https://id.example/keys', JWT_ISSUER: 'https://id.example' }

for (const [what, env, problem] of [
  ['the default settings', {}, undefined],
  ['HOST localhost', { HOST: 'localhost' }, undefined],
  ['HOST ::1', { HOST: '::1' }, undefined],
  ['HOST for all machines', network, /^HOST lets other machines/],
  ['HOST in a network', { HOST: '192.168.1.5' }, /^HOST lets other machines/],
  ['PUBLIC_URL over https', { ...network, PUBLIC_URL: 'https://roost.example' }, undefined],
  ['PUBLIC_URL on localhost', { ...network, PUBLIC_URL: 'http://localhost:3000' }, undefined],
  ['PUBLIC_URL on [::1]', { ...network, PUBLIC_URL: 'http://[::1]:3000' }, undefined],
  ['PUBLIC_URL over http', { PUBLIC_URL: 'http://roost.lan' }, /^PUBLIC_URL is plain http/],
  ['a trusted proxy', { ...network, TRUST_PROXY: '10.0.0.0/8' }, undefined],
  [
    'a trusted proxy and PUBLIC_URL over http',
    { TRUST_PROXY: '10.0.0.0/8', PUBLIC_URL: 'http://roost.lan' },
    /^PUBLIC_URL is plain http/,
  ],
  ['an identity provider alone', { ...network, ...provider }, undefined],
  [
    'an identity provider beside own tokens',
    { ...network, ...provider, JWT_SECRET: 'x'.repeat(40) },
    /^HOST lets other machines/,
  ],
] as const) {
  test(`${what}: ${problem === undefined ? 'no warning' : 'a warning'}`, () => {
    assert.match(findCookieProblem(parseConfig(env)) ?? '', problem ?? /^$/)
  })
}
