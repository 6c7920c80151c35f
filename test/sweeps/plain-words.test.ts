// Naming rules of the source: no metaphors as identifiers, and test names of at most 90 characters.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

const root = join(import.meta.dirname, '../..')
const files = globSync('{src,test,proof,web/src}/**/*.{ts,tsx}', { cwd: root })
  .sort()
  .map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }))

/** Identifiers of earlier versions that have been replaced by standard terms. */
const replaced = 'coach coaches boarding makeWay inTurn roamer plannedAnew lookAt claimNights settleNights'.split(' ')

const max_name_characters = 90
const expression_characters = 8
const testCall = /(?<![\w.])(?:t\.test|test|it|describe|suite)(?:\.(?:only|skip|todo))?\(\s*(?=['"`])/g

test('no replaced identifier occurs in src, test, proof or web', () => {
  const words = new RegExp(`\\b(?:${replaced.join('|')})\\b`, 'g')
  const others = files.filter(({ file }) => join(root, file) !== import.meta.filename)
  const found = others.flatMap(({ file, text }) => linesWith(words, text).map((line) => `${file}:${line}`))
  assert.deepEqual(found, [])
})

test(`no test name is longer than ${max_name_characters} characters`, () => {
  const names = files.flatMap(({ file, text }) => namesIn(text).map((name) => ({ file, name })))
  assert.ok(names.length > 1000, `${names.length} names`)
  const long = names.filter(({ name }) => name.length > max_name_characters)
  assert.deepEqual(
    long.map(({ file, name }) => `${file}: ${name.length} characters: ${name}`),
    [],
  )
})

test('an expression in a test name counts as 8 characters', () => {
  const ticks = (name: string) => `te${'st('}\`${name}\``
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a template as it is in a source file
  assert.deepEqual(namesIn(ticks('a ${b ? `${c}d` : { e: 1 }.e}f')), ['a ________f'])
  assert.deepEqual(namesIn(`te${'st('}'it\\'s')`), ["it's"])
})

function linesWith(words: RegExp, text: string): string[] {
  return text.split('\n').flatMap((line, n) => [...line.matchAll(words)].map(([word]) => `${n + 1}: ${word}`))
}

/** The names of the tests in a source text, each expression of a template as 8 characters. */
function namesIn(text: string): string[] {
  return [...text.matchAll(testCall)].map(({ index, 0: call }) => literalAt(text, index + call.length).value)
}

/** The string literal that begins at `start`, and the index after it. */
function literalAt(text: string, start: number): { value: string; end: number } {
  const quote = text[start]
  let value = ''
  let at = start + 1
  while (at < text.length && text[at] !== quote) {
    if (quote === '`' && text.startsWith('${', at)) {
      value += '_'.repeat(expression_characters)
      at = endOfExpression(text, at + 2)
    } else {
      if (text[at] === '\\') at += 1
      value += text[at]
      at += 1
    }
  }
  return { value, end: at + 1 }
}

/** The index after the brace that closes a template expression. */
function endOfExpression(text: string, start: number): number {
  let depth = 1
  let at = start
  while (at < text.length && depth > 0) {
    const character = text[at] ?? ''
    if (`'"\``.includes(character)) {
      at = literalAt(text, at).end
      continue
    }
    if (character === '{') depth += 1
    if (character === '}') depth -= 1
    at += 1
  }
  return at
}
