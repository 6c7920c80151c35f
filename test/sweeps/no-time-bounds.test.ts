// No test has an upper bound on time, which a busy machine would exceed.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'

/** A name or computation of a time, followed by less-than. Lower bounds (`>`) are allowed. */
const time =
  /(\bms|\w_ms|\b(?:performance|Date)\.now\(\) - [\w.]+|\b(?:elapsed|took|duration|percentile|quantile)\b[^<>\n]*) <=? /
    .source

/** Parentheses nested four deep. */
const nested = '(?:[^()]|\\((?:[^()]|\\((?:[^()]|\\((?:[^()]|\\([^()]*\\))*\\))*\\))*\\))*'

const bounds: Readonly<Record<string, RegExp>> = {
  'an assertion that a time is less than something': new RegExp(`\\bassert(?:\\.\\w+)?\\(\\s*[^\\n]*${time}`, 'g'),
  'a wait with a limit of its own': new RegExp(`(?<!function )\\buntil\\(${nested},\\s*[\\d_]+\\s*\\)`, 'g'),
  'a timeout of less than five minutes':
    /\b(?:timeout: |AbortSignal\.timeout\(|timeout_ms: )(?:\d{1,4}|\d{1,2}_\d{3}|[12]\d\d_\d{3})\b/g,
  'a stopwatch': /from '.*stopwatch\.ts'/g,
}

/** Lines that match and are not bounds, with the reason. */
const allowed: Readonly<Record<string, string>> = {
  'assert.ok(waited_ms >= 60_000 && waited_ms < 61_000': 'a sum of the requested sleeps; no time passes',
  'timeout: 3000': 'a setting of the HTTP server under test',
}

function boundsIn(text: string): string[] {
  return Object.entries(bounds).flatMap(([kind, pattern]) =>
    [...text.matchAll(pattern)]
      .map(([found]) => found)
      .filter((found) => !Object.keys(allowed).some((one) => found.startsWith(one) || one.startsWith(found)))
      .map((found) => `${kind}: ${found}`),
  )
}

const own = 'test/sweeps/no-time-bounds.test.ts'
const files = globSync(['{src,test,scripts}/**/*.test.ts', 'test/**/*.ts']).filter((file) => file !== own)

test('no test asserts an upper bound on time or uses a timeout below five minutes', () => {
  assert.ok(files.length > 150, `${files.length} files`)
  const found = files.flatMap((file) => boundsIn(readFileSync(file, 'utf8')).map((bound) => `${file}: ${bound}`))
  assert.deepEqual(found, [])
})

test('no scenario of the scorecard fails because a wait of its own has ended', () => {
  const wait = new RegExp(`\\buntil\\(${nested},\\s*[\\d_]+\\s*\\)(?!\\.catch)|\\bdeadline\\(\\d`, 'g')
  const scenarios = globSync('proof/scorecard/**/*.ts')
  assert.ok(scenarios.length > 50, `${scenarios.length} files`)
  const found = scenarios.flatMap((file) =>
    (readFileSync(file, 'utf8').match(wait) ?? []).map((one) => `${file}: ${one}`),
  )
  assert.deepEqual(found, [])
})

const samples: readonly (readonly [is_bound: boolean, text: string])[] = [
  [true, 'assert.ok(ms < 2000, String(ms))'],
  [true, 'assert.ok(wall_ms > 900 && own_ms < 2000)'],
  [true, 'assert.ok(performance.now() - started <= 500)'],
  [true, 'assert(percentile(times, 0.99) < 20)'],
  [true, 'assert.ok(duration(answers) < 2000)'],
  [true, 'await until(() => is_there(), 500)'],
  [true, 'await until(async () => (await get("/health")).status === 200, 10_000)'],
  [true, 'const child = { timeout: 5000 }'],
  [true, 'fetch(url, { signal: AbortSignal.timeout(15_000) })'],
  [true, "import { timed } from '../stopwatch.ts'"],
  [false, 'assert.ok(performance.now() - started > 900)'],
  [false, 'assert.ok(first_ms > 10 && count < 5)'],
  [false, 'await until(() => seen.length === 3)'],
  [false, 'const child = { timeout: 300_000 }'],
]
for (const [is_bound, text] of samples) {
  test(`${text}: ${is_bound ? 'is refused' : 'is fine'}`, () => {
    assert.equal(boundsIn(text).length > 0, is_bound)
  })
}
