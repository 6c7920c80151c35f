// The reporter of npm test: prints failures and progress, and writes the counts to a file.
import { appendFileSync, readFileSync } from 'node:fs'
import { relative } from 'node:path'
import type { TestEvent } from 'node:test/reporters'
import { inspect } from 'node:util'

export interface Counts {
  passed: number
  failed: number
  skipped: number
}

/** The event data of one test or suite. */
interface Result {
  readonly name: string
  readonly file?: string
  readonly line?: number
  readonly column?: number
  readonly skip?: string | boolean
  readonly details: { readonly type?: string; readonly error?: Error & { failureType?: string; cause?: unknown } }
}

const max_output_chars = 20_000
const counts: Counts & { skips: string[] } = { passed: 0, failed: 0, skipped: 0, skips: [] }
/** The names of the current test and its suites. */
const path: string[] = []
let output = ''

// biome-ignore lint/style/noDefaultExport: node --test-reporter requires it
export default async function* report(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const { type, data } of events as AsyncIterable<{ type: string; data: unknown }>) {
    if (type === 'test:start') enterTest(data as Result & { nesting: number })
    if (type === 'test:pass') countPassed(data as Result)
    if (type === 'test:fail') yield describeFailure(data as Result)
    if (type === 'test:stderr' || type === 'test:stdout')
      output = (output + (data as { message: string }).message).slice(-max_output_chars)
    showProgress()
  }
  clearProgress()
  if (counts.failed > 0 && output.trim() !== '') yield `Last output of the tests:\n${output.trimEnd()}\n`
  appendFileSync(process.env.TEST_COUNTS ?? '/dev/null', `${JSON.stringify(counts)}\n`)
}

function enterTest({ name, nesting }: Result & { nesting: number }): void {
  path.length = nesting
  path.push(name)
}

function countPassed({ skip, details }: Result): void {
  if (skip !== undefined && skip !== false) {
    counts.skipped += 1
    counts.skips.push(`${path.join(' > ')}${typeof skip === 'string' ? `: ${skip}` : ''}`)
  } else if (details.type !== 'suite') counts.passed += 1
}

/** A test or suite that failed because of a subtest is not reported again. */
function describeFailure({ name, file, line, column, details }: Result): string {
  const { error } = details
  if (error?.failureType === 'subtestsFailed') return ''
  counts.failed += 1
  clearProgress()
  const where = file === undefined ? '' : `  ${relative('', file)}:${line}:${column}\n`
  const title = path.at(-1) === name ? path.join(' > ') : name
  return `\n✖ ${title}\n${where}${indent(inspect(error?.cause ?? error))}\n`
}

const indent = (text: string) => text.replaceAll(/^(?=.)/gm, '  ')

const has_progress = process.stderr.isTTY === true
let shown_at = 0

function showProgress(): void {
  if (!has_progress || performance.now() - shown_at < 100) return
  shown_at = performance.now()
  process.stderr.write(`\r\u001b[K${counts.passed} passed, ${counts.failed} failed: ${path[0] ?? ''}`.slice(0, 110))
}

function clearProgress(): void {
  if (has_progress && shown_at > 0) process.stderr.write('\r\u001b[K')
}

/** The sum of the counts in the file. */
export function readCounts(file: string): Counts & { skips: string[] } {
  const sum = { passed: 0, failed: 0, skipped: 0, skips: [] as string[] }
  for (const line of readFileSync(file, 'utf8').split('\n').filter(Boolean)) {
    const one = JSON.parse(line) as typeof sum
    sum.passed += one.passed
    sum.failed += one.failed
    sum.skipped += one.skipped
    sum.skips.push(...one.skips)
  }
  return sum
}

/** The last line of npm test. Scripts parse it. */
export function formatCounts({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}
