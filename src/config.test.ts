// Parsing of the configuration.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { type Config, ConfigError, findMissingSettings, parseConfig, settings } from './config.ts'

const long = 'a secret that is long enough to sign tokens with'

function parseProblems(env: Record<string, string>): readonly string[] {
  try {
    parseConfig(env)
  } catch (error) {
    assert.ok(error instanceof ConfigError)
    return error.problems
  }
  return []
}

test('an empty environment is a valid configuration', () => {
  const config: Config = parseConfig({})
  assert.equal(config.port, 3000)
  assert.equal(config.database_url, undefined)
  assert.deepEqual(findMissingSettings(config), [])
  assert.ok(Object.isFrozen(config))
})

test('all problems are reported at once, without values', () => {
  const secret = 'tooshort'
  const problems = parseProblems({
    PORT: '70000',
    JWT_SECRET: secret,
    LOG_LEVEL: 'loud',
    DATABASE_URL: 'mysql://x:hunter2@y',
    RATE_LIMIT: '-1',
    JWT_JWKS_URL: 'https://issuer.example/keys',
  })
  assert.equal(problems.length, 6)
  for (const name of ['PORT', 'JWT_SECRET', 'LOG_LEVEL', 'DATABASE_URL', 'RATE_LIMIT', 'JWT_ISSUER']) {
    assert.ok(
      problems.some((problem) => problem.startsWith(name)),
      name,
    )
  }
  assert.doesNotMatch(problems.join('\n'), /tooshort|hunter2|loud/)
})

test('a published default secret is refused', () => {
  const [problem = ''] = parseProblems({ JWT_SECRET: 'super-secret-jwt-token-with-at-least-32-characters-long' })
  assert.match(problem, /published default/)
})

test('a server database needs a secret or an identity provider', () => {
  const DATABASE_URL = 'postgres://127.0.0.1/roost'
  const issuer = { JWT_JWKS_URL: 'https://issuer.example/keys', JWT_ISSUER: 'https://issuer.example' }
  assert.deepEqual(findMissingSettings(parseConfig({ DATABASE_URL })), ['JWT_SECRET'])
  assert.deepEqual(findMissingSettings(parseConfig({ DATABASE_URL, JWT_SECRET: long })), [])
  assert.deepEqual(findMissingSettings(parseConfig({ DATABASE_URL, ...issuer })), [])
})

test('DEPLOYED_AT is a date and time with its offset, kept in UTC', () => {
  const accepted = {
    '2027-03-01T08:00:00Z': '2027-03-01T08:00:00Z',
    '2027-03-01T08:00:00.250Z': '2027-03-01T08:00:00.250Z',
    '2027-03-01T10:00:00+02:00': '2027-03-01T08:00:00Z',
    '2027-03-01 08:00:00z': '2027-03-01T08:00:00Z',
    '2028-02-29T23:30:00-01:00': '2028-03-01T00:30:00Z',
  }
  for (const [given, kept] of Object.entries(accepted))
    assert.equal(parseConfig({ DEPLOYED_AT: given }).deployed_at, kept)
  for (const given of [
    'yesterday',
    '2027-03-01',
    '2027-03-01T08:00:00',
    '2027-02-30T08:00:00Z',
    '2027-03-01T25:00:00Z',
    '1772352000',
  ])
    assert.match(
      parseProblems({ DEPLOYED_AT: given }).join(),
      /^DEPLOYED_AT must be a date and time with its offset/,
      given,
    )
})

test('an empty variable counts as unset', () => {
  assert.equal(parseConfig({ PORT: '', REDIS_URL: '' }).port, 3000)
})

test('lists are split, trimmed and may be empty', () => {
  assert.deepEqual(parseConfig({ CORS_ORIGINS: 'https://a.example, https://b.example' }).cors_origins, [
    'https://a.example',
    'https://b.example',
  ])
  assert.deepEqual(parseConfig({}).cors_origins, [])
  assert.equal(parseConfig({}).trust_proxy, false)
})

test('.env.example lists exactly the existing settings', () => {
  const example = readFileSync(`${import.meta.dirname}/../.env.example`, 'utf8')
  const named = [...example.matchAll(/^#([A-Z_]+)=/gm)].map(([, name]) => name)
  assert.deepEqual(
    named,
    Object.values(settings).map(({ name }) => name),
  )
})

test('mail settings: a sender must be set with a server, and malformed ones are refused', () => {
  const SMTP_URL = 'smtps://user:secret@mail.example.com'
  assert.deepEqual(parseProblems({ SMTP_URL }), ['MAIL_FROM must be set together with SMTP_URL'])
  for (const MAIL_FROM of ['roost@example.com', 'Roost <roost@example.com>', 'Müller & Söhne <a@b.example>']) {
    assert.deepEqual(parseProblems({ SMTP_URL, MAIL_FROM }), [], MAIL_FROM)
  }
  for (const MAIL_FROM of [
    'roost',
    'Roost roost@example.com',
    'a@b <c@d.example>',
    'a@b.example, c@d.example',
    'A\n<a@b.c>',
  ]) {
    assert.match(parseProblems({ SMTP_URL, MAIL_FROM }).join(), /^MAIL_FROM must be an address/, MAIL_FROM)
  }
  assert.match(
    parseProblems({ SMTP_URL: 'mail.example.com:25', MAIL_FROM: 'a@b.example' }).join(),
    /^SMTP_URL must be a URL/,
  )
})

test('PUBLIC_URL is an http address without query; a slash at the end is removed', () => {
  assert.equal(parseConfig({ PUBLIC_URL: 'https://roost.example.com/' }).public_url, 'https://roost.example.com')
  assert.equal(parseConfig({ PUBLIC_URL: 'https://example.com/roost/' }).public_url, 'https://example.com/roost')
  for (const PUBLIC_URL of ['roost.example.com', 'ftp://x.example', 'https://x.example/?a=1', 'https://u@x.example']) {
    assert.match(parseProblems({ PUBLIC_URL }).join(), /^PUBLIC_URL must/, PUBLIC_URL)
  }
})
