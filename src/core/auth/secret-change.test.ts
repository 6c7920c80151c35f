// A JWT_SECRET that differs from that of the last start is noticed once.
import assert from 'node:assert/strict'
import { after, beforeEach, test } from 'node:test'
import { openTestStore } from '../../../test/engines.ts'
import { recordingLog } from '../../../test/recording-log.ts'
import { hasSecretChanged, warnOfSecretChange } from './secret-change.ts'
import { createTokens } from './tokens.ts'

const store = await openTestStore()
after(() => store.close())
beforeEach(() => store.owner.query('delete from app.signing_secret'))

const tokensOf = (letter: string) => createTokens({ secret: letter.repeat(40), audience: 'x' })
const [first, second] = [tokensOf('a'), tokensOf('b')]

test('the first start and each start with the same secret are no change', async () => {
  for (let n = 0; n < 3; n += 1) assert.equal(await hasSecretChanged(store.db, first), false)
})

test('another secret is a change at its first start only, and so is the way back', async () => {
  await hasSecretChanged(store.db, first)
  assert.deepEqual([await hasSecretChanged(store.db, second), await hasSecretChanged(store.db, second)], [true, false])
  assert.equal(await hasSecretChanged(store.db, first), true)
})

test('the fingerprint is neither the secret nor one of the keys in use', async () => {
  await hasSecretChanged(store.db, first)
  const { rows } = await store.owner.query('select fingerprint from app.signing_secret')
  const stored = Buffer.from(rows[0]?.fingerprint as Uint8Array)
  assert.equal(stored.length, 32)
  assert.ok(!stored.includes('aaaa'))
  assert.notDeepEqual(stored, first.deriveKey('secrets in e-mails'))
})

test('a change is one warning that names the setting and not the secret', async () => {
  const { log, lines } = recordingLog()
  for (const tokens of [first, second, second]) await warnOfSecretChange(store.db, tokens, log)
  assert.equal(lines.length, 1)
  assert.match(JSON.stringify(lines), /JWT_SECRET is not the one of the last start/)
  assert.doesNotMatch(JSON.stringify(lines), /bbbb/)
})

test('without a secret, and while the database cannot be asked, nothing is logged', async () => {
  const { log, lines } = recordingLog()
  await warnOfSecretChange(store.db, createTokens({ audience: 'x' }), log)
  await store.owner.query('alter table app.signing_secret rename to away')
  await warnOfSecretChange(store.db, first, log)
  await store.owner.query('alter table app.away rename to signing_secret')
  assert.deepEqual(lines, [])
})
