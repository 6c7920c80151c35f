// Telephone numbers have one stored form.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { canonicalPhone } from './phones.ts'

test('a number has one stored form in every spelling', () => {
  const spellings: [stored: string, ...given: string[]][] = [
    [
      '+436601234567',
      '+43 660 1234567',
      '+43 (0)660 1234567',
      '+43(0) 660/123-45-67',
      '+43 0660 1234567',
      "'+43 660 1234567",
      '0043 660 1234567',
      '0043 (0)660 1234567',
      '\u202a+43 660 1234567\u202c',
      '+43\u00a0660\u202f1234567',
      '+43 660 123 45 67',
      '+43–660–1234567',
      '＋43 ６６０ 1234567',
      '+٤٣ ٦٦٠ ١٢٣٤٥٦٧',
      'tel:+43-660-1234567',
    ],
    ['+442079460958', '+44 (0)20 7946 0958', '+44 20 7946 0958'],
    ['+15551234567', '+1 (555) 123-4567', '+1.555.123.4567'],
    // Numbers of these countries keep their 0.
    ['+390612345678', '+39 06 12345678', '+39 (0)6 12345678'],
    ['+2250712345678', '+225 07 12 34 56 78'],
    // Without a country the 0 is part of what one dials.
    ['06601234567', '0660 1234567', '(0)660 1234567', '0660/1234567'],
  ]
  for (const [stored, ...given] of spellings) for (const text of given) assert.equal(canonicalPhone(text), stored, text)
})

test('a text that is not a number of 7 to 15 digits is refused', () => {
  for (const text of [
    '',
    '12345',
    '+43 660 1234567 ext 3',
    'call me',
    '+',
    '1'.repeat(16),
    '++43660123456',
    '43+660123456',
    '9'.repeat(70),
  ]) {
    assert.equal(canonicalPhone(text), undefined, text)
  }
})

test('the stored form of a stored number is itself, and no number behind a trunk 0 is stored', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'0123456789+ ()-./'), maxLength: 20 }), (text) => {
      const stored = canonicalPhone(text)
      if (stored === undefined) return
      assert.equal(canonicalPhone(stored), stored)
      assert.doesNotMatch(stored, /^\+4[39]0/)
    }),
    { numRuns: 2000 },
  )
})
