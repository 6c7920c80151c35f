// Reporter of npm test: prints tests that fail, and on a terminal how far the run is; the counts go to a file.
import { appendFileSync, readFileSync } from 'node:fs'
import { relative } from 'node:path'
import type { TestEvent } from 'node:test/reporters'
import { inspect } from 'node:util'

export interface Counts {
  passed: number
  failed: number
  skipped: number
}

/** What node --test says of one test or suite. */
interface Result {
  readonly name: string
  readonly file?: string
  readonly line?: number
  readonly column?: number
  readonly skip?: string | boolean
  readonly details: { readonly type?: string; readonly error?: Error & { failureType?: string; cause?: unknown } }
}

const kept_output = 20_000
const counts: Counts & { skips: string[] } = { passed: 0, failed: 0, skipped: 0, skips: [] }
/** The names of the suites around the present test. */
const path: string[] = []
let output = ''

// biome-ignore lint/style/noDefaultExport: node --test-reporter wants it
export default async function* report(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const { type, data } of events as AsyncIterable<{ type: string; data: unknown }>) {
    if (type === 'test:start') enter(data as Result & { nesting: number })
    if (type === 'test:pass') passed(data as Result)
    if (type === 'test:fail') yield failed(data as Result)
    if (type === 'test:stderr' || type === 'test:stdout')
      output = (output + (data as { message: string }).message).slice(-kept_output)
    showProgress()
  }
  clearProgress()
  if (counts.failed > 0 && output.trim() !== '') yield `What they wrote, the last of it:\n${output.trimEnd()}\n`
  appendFileSync(process.env.TEST_COUNTS ?? '/dev/null', `${JSON.stringify(counts)}\n`)
}

function enter({ name, nesting }: Result & { nesting: number }): void {
  path.length = nesting
  path.push(name)
}

function passed({ skip, details }: Result): void {
  if (skip !== undefined && skip !== false) {
    counts.skipped += 1
    counts.skips.push(`${path.join(' > ')}${typeof skip === 'string' ? `: ${skip}` : ''}`)
  } else if (details.type !== 'suite') counts.passed += 1
}

/** A suite or a test that fails because of what is in it has been told already. */
function failed({ name, file, line, column, details }: Result): string {
  const { error } = details
  if (error?.failureType === 'subtestsFailed') return ''
  counts.failed += 1
  clearProgress()
  const where = file === undefined ? '' : `  ${relative('', file)}:${line}:${column}\n`
  const title = path.at(-1) === name ? path.join(' > ') : name
  return `\n✖ ${title}\n${where}${indented(inspect(error?.cause ?? error))}\n`
}

const indented = (text: string) => text.replaceAll(/^(?=.)/gm, '  ')

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

/** The counts of all runs that wrote to the file. */
export function countsIn(file: string): Counts & { skips: string[] } {
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

/** The last line of npm test; whoever counts tests reads it. */
export function verdictOf({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}
