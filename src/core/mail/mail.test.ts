// Links, encrypted secrets, and rendered messages.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseConfig } from '../../config.ts'
import { accountMails } from '../../features/team/mails.ts'
import { createTokens } from '../auth/tokens.ts'
import { createMail, publicUrlOf } from './mail.ts'
import { languages, type MailTemplate, renderMail } from './template.ts'

const mailWith = (secret: string, env: Record<string, string> = {}) =>
  createMail(parseConfig(env), createTokens({ secret, audience: 'x' }))
const mail = mailWith('a secret that is long enough to derive a key')

test('a sealed secret can be opened for its message with the same JWT_SECRET only', () => {
  const sealed = mail.seal('message-1', 'the secret of a link')
  assert.equal(mail.open('message-1', sealed), 'the secret of a link')
  assert.ok(!sealed.toString('latin1').includes('secret'))
  assert.notDeepEqual(mail.seal('message-1', 'the secret of a link'), sealed)
  assert.equal(mail.open('message-2', sealed), undefined)
  assert.equal(mailWith('another secret that is long enough for a key').open('message-1', sealed), undefined)
  for (const broken of [sealed.subarray(1), sealed.subarray(0, 20), Buffer.alloc(0)]) {
    assert.equal(mail.open('message-1', broken), undefined)
  }
})

test('links begin with PUBLIC_URL, or with the address on which the service listens', () => {
  const cases: readonly [Record<string, string>, string][] = [
    [{}, 'http://127.0.0.1:3000'],
    [{ PORT: '8080', HOST: '0.0.0.0' }, 'http://127.0.0.1:8080'],
    [{ HOST: '::' }, 'http://127.0.0.1:3000'],
    [{ HOST: '::1' }, 'http://[::1]:3000'],
    [{ HOST: 'roost.local' }, 'http://roost.local:3000'],
    [{ PUBLIC_URL: 'https://example.com/roost/' }, 'https://example.com/roost'],
  ]
  for (const [env, expected] of cases) {
    assert.equal(publicUrlOf(parseConfig(env)), expected)
    const link = mailWith('a secret that is long enough to derive a key', env).linkTo('/invitations', 'a+b')
    assert.equal(link, `${expected}/invitations?token=a%2Bb`)
  }
})

test('a message is escaped in HTML, and the HTML loads nothing', () => {
  const template: MailTemplate = {
    path: '/x',
    texts: {
      de: ({ name }) => ({ subject: `Hallo ${name}`, paragraphs: [`Von ${name}`], button: 'Los', after: ['Ende'] }),
      en: ({ name }) => ({ subject: `Hello ${name}`, paragraphs: [`By ${name}`], button: 'Go' }),
    },
  }
  const name = `<script>"O'Brien" & Söhne`
  const { subject, text, html } = renderMail(template, 'de', { name }, 'https://x.example/x?token=a&b')
  assert.equal(subject, `Hallo ${name}`)
  assert.equal(text, `Von ${name}\n\nhttps://x.example/x?token=a&b\n\nEnde\n`)
  assert.ok(html.includes('Von &lt;script&gt;&quot;O&#39;Brien&quot; &amp; Söhne'))
  assert.ok(html.includes('href="https://x.example/x?token=a&amp;b"'))
  assert.match(html, /<html lang="de">/)
})

for (const [kind, template] of Object.entries(accountMails)) {
  test(`the message ${kind} has a text in both languages, and a label when it has a link`, () => {
    const params = { agency_name: 'Alps', role: 'staff', new_email: 'new@example.com' }
    const link = 'path' in template ? 'https://x.example/p?token=t' : undefined
    const rendered = languages.map((language) => renderMail(template, language, params, link))
    for (const { subject, text, html } of rendered) {
      assert.ok(subject.length > 10 && text.length > 80)
      assert.doesNotMatch(text, /undefined|null/)
      assert.equal(text.includes('https://x.example/p?token=t'), link !== undefined)
      assert.doesNotMatch(html, /<(img|script|link|iframe|style)\b|url\(|@import| src=/i)
      assert.deepEqual(html.match(/href="[^"]*"/g) ?? [], link === undefined ? [] : [`href="${link}"`])
    }
    assert.notEqual(rendered[0]?.subject, rendered[1]?.subject)
  })
}
