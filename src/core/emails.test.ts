// E-mail addresses have one stored form.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { canonicalEmail } from './emails.ts'

test('an address has one stored form in every spelling', () => {
  const spellings: [stored: string, ...given: string[]][] = [
    ['ada@example.com', 'ada@example.com', ' Ada@Example.COM ', 'ADA@EXAMPLE.COM\n'],
    [
      'info@müller.example',
      'info@müller.example',
      'info@mu\u0308ller.example',
      'Info@MÜLLER.example',
      'info@xn--mller-kva.example',
      'INFO@XN--MLLER-KVA.example',
    ],
    ['rené@example.com', 'rené@example.com', 'rene\u0301@example.com', 'RENÉ@example.com'],
    ['a@straße.example', 'a@straße.example', 'a@xn--strae-oqa.example'],
    ['a@例え.テスト', 'a@例え.テスト', 'a@例え。テスト', 'a@xn--r8jz45g.xn--zckzah'],
    ["o'neil+booking_1@x.co.uk", "O'Neil+booking_1@x.co.uk"],
    ['🙂@example.com', '🙂@example.com'],
  ]
  for (const [stored, ...given] of spellings) for (const text of given) assert.equal(canonicalEmail(text), stored, text)
})

test('a text that is not an address, or has characters that are not seen, is refused', () => {
  const refused = [
    ...['', 'ada', '@example.com', 'ada@', 'ada@b', 'a@b@c.example', 'a b@example.com', 'a@exa mple.com'],
    ...[
      '.a@example.com',
      'a.@example.com',
      'a..b@example.com',
      '"a b"@example.com',
      'a<b@example.com',
      'a,b@example.com',
    ],
    ...['a@example..com', 'a@.example.com', 'a@example.com.', 'a@-x.example', 'a@x-.example', 'a@b_c.example'],
    ...[
      'a@127.0.0.1',
      'a@0x7f.1',
      'a@[127.0.0.1]',
      'a@[::1]',
      'a@ex%41mple.com',
      'a@example.com/x',
      'a@example.com:25',
    ],
    ...[
      'ada@example.com\u200b',
      'ada@exa\u00admple.com',
      'ada\u202e@example.com',
      'a\u0007b@example.com',
      'a\nb@example.com',
    ],
    ...[`${'x'.repeat(250)}@example.com`, `a@${'x'.repeat(64)}.example`, `a@${'é'.repeat(60)}.example`],
  ]
  for (const text of refused) assert.equal(canonicalEmail(text), undefined, JSON.stringify(text))
})

test('the stored form of a stored address is itself', () => {
  const local = fc.string({ unit: fc.constantFrom(...'abcÄéßıİ漢.+_'), minLength: 1, maxLength: 6 })
  const label = fc.string({ unit: fc.constantFrom(...'abcÄéßıİ漢-0'), minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(local, fc.array(label, { minLength: 2, maxLength: 3 }), (one, labels) => {
      const stored = canonicalEmail(`${one}@${labels.join('.')}`)
      if (stored === undefined) return
      assert.equal(canonicalEmail(stored), stored)
      assert.equal(canonicalEmail(stored.normalize('NFD')), stored)
    }),
    { numRuns: 2000 },
  )
})
