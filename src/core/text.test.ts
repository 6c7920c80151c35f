// Texts of one line: what looks the same is stored the same, and nothing is stored that is not seen.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { cleanLine, repairLine } from './text.ts'

const outcome = (given: string) => {
  const clean = cleanLine(given)
  return 'text' in clean ? clean.text : { refused: clean.problem }
}

describe('spellings that look the same are stored as one', () => {
  const cases: [name: string, given: string, stored: string][] = [
    ['NFD as a Mac sends it', 'Rene\u0301 Mu\u0308ller', 'René Müller'],
    ['blanks around it', '  Ada ', 'Ada'],
    ['no-break and ideographic blanks', '\u00a0Ada\u3000Lovelace\u202f', 'Ada Lovelace'],
    ['two blanks inside', 'Cosy  double', 'Cosy double'],
    ['a tab inside', 'Ada\tLovelace', 'Ada Lovelace'],
    ['a line break at the end', 'Ada\r\n', 'Ada'],
    ['a byte order mark in front', '\ufeffAda', 'Ada'],
    ['Hangul jamo', '\u1100\u1161', '가'],
    ['nothing', '', ''],
    ['only blanks', ' \u00a0\t ', ''],
  ]
  for (const [name, given, stored] of cases) test(name, () => assert.deepEqual(outcome(given), stored))
})

describe('a character that is part of what is seen is kept', () => {
  const kept: [name: string, text: string][] = [
    ['Persian with ZWNJ', 'می\u200cخواهم'],
    ['Hindi with ZWJ and ZWNJ', 'क्\u200dष क्\u200cष'],
    ['Sinhala with ZWJ', 'ශ්\u200dරී'],
    ['an old Malayalam chillu at the end', 'അവന്\u200d'],
    ['a family emoji', '👩\u200d👩\u200d👧 Suite'],
    ['an emoji of gender and colour', '🤷🏽\u200d♀\ufe0f'],
    ['a heart in emoji form', 'Villa ❤\ufe0f'],
    ['a keycap', '3\ufe0f\u20e3 rooms'],
    ['the flag of England', '🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}'],
    ['the flag of Austria', '🇦🇹'],
    ['a Japanese variant of an ideograph', '葛\u{e0100}城'],
    ['Arabic with vowel marks', 'مُحَمَّد'],
    ['Hebrew with points', 'שָׁלוֹם'],
    ['Vietnamese', 'Nguyễn Thị Ngọc'],
    ['an apostrophe and a hyphen', "Anne-Marie O'Neil"],
    ['a dash alone', '-'],
  ]
  for (const [name, text] of kept) {
    test(name, () => {
      assert.equal(outcome(text), text.normalize('NFC'))
      assert.equal(repairLine(text), text.normalize('NFC'))
    })
  }
})

describe('a text that is not seen, or not as it is, is refused, and repaired in files', () => {
  const refused: [name: string, given: string, reason: RegExp, repaired: string][] = [
    ['a zero-width space alone', '\u200b', /invisible character U\+200B/, ''],
    ['a zero-width space in an address', 'ada@example.com\u200b', /invisible/, 'ada@example.com'],
    ['ZWJ between Latin letters', 'A\u200dda', /invisible character U\+200D/, 'Ada'],
    ['ZWNJ at the end', 'Ada\u200c', /invisible/, 'Ada'],
    ['ZWNJ at the end of an Arabic word', 'علی\u200c', /invisible/, 'علی'],
    ['a word joiner', 'Ada\u2060', /invisible/, 'Ada'],
    ['a soft hyphen', 'Love\u00adlace', /invisible character U\+00AD/, 'Lovelace'],
    ['a combining grapheme joiner', 'A\u034fda', /invisible/, 'Ada'],
    ['a byte order mark inside', 'mid\ufeffmark', /invisible/, 'midmark'],
    ['a right-to-left override', 'Ada\u202e', /invisible character U\+202E/, 'Ada'],
    ['a right-to-left mark', 'Ada\u200f', /invisible/, 'Ada'],
    ['an isolate', '\u2066Ada\u2069', /invisible/, 'Ada'],
    ['an Arabic letter mark', 'Ada\u061c', /invisible/, 'Ada'],
    ['a Hangul filler', '\u3164', /invisible character U\+3164/, ''],
    ['a half-width Hangul filler', '\uffa0', /invisible/, ''],
    ['a Braille blank', '\u2800', /invisible/, ''],
    ['a tag character', 'Ada\u{e0041}', /invisible/, 'Ada'],
    ['a variation selector behind a letter', 'Ada\ufe0f', /invisible/, 'Ada'],
    ['a bell', 'Love\u0007lace', /control characters/, 'Love lace'],
    ['a line break', 'Love\nlace', /control characters or line breaks/, 'Love lace'],
    ['a line separator', 'Love\u2028lace', /line breaks/, 'Love lace'],
    ['NEL', 'Love\u0085lace', /control/, 'Love lace'],
    ['DEL', 'Ada\u007f', /control/, 'Ada'],
    ['NUL', 'a\u0000b', /control/, 'a b'],
    ['half of a surrogate pair', 'a\ud800', /invisible/, 'a\ufffd'],
    ['an accent alone', '\u0301', /visible character/, '\u0301'],
  ]
  for (const [name, given, reason, repaired] of refused) {
    test(name, () => {
      assert.match(String((outcome(given) as { refused: string }).refused), reason)
      assert.equal(repairLine(given), repaired)
    })
  }
})

test('the stored form is stable, whatever the text, and a repaired text has the stored form', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 30 }), (given) => {
      const clean = cleanLine(given)
      if ('text' in clean) assert.deepEqual(cleanLine(clean.text), clean)
      const repaired = repairLine(given)
      assert.equal(repairLine(repaired), repaired)
      const again = cleanLine(repaired)
      assert.ok(
        'text' in again ? again.text === repaired : /visible character/.test(again.problem),
        JSON.stringify(given),
      )
    }),
    { numRuns: 3000 },
  )
})

test('two spellings of one text in different normal forms have the same stored form', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 20 }), (given) => {
      assert.deepEqual(cleanLine(given.normalize('NFD')), cleanLine(given.normalize('NFC')))
      assert.deepEqual(cleanLine(`  ${given}\u00a0`), cleanLine(given))
    }),
    { numRuns: 2000 },
  )
})
