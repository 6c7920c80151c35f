// Checks tenant isolation of the statements that the test run collected.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { exceptions } from '../test/isolation/exceptions.ts'
import { isolationReport } from '../test/isolation/report.ts'
import { summaryText } from '../test/isolation/summary.ts'
import { tenantTables } from '../test/isolation/tables.ts'
import { readCollectedStatements } from './collected-statements.ts'

const document = 'docs/security/tenant-isolation.md'
/** Read by `roost verify shardable`, because a deployment has no SQL parser. */
const manifest = 'src/core/tenancy/statements.json'

/** Returns 0 when every statement that a run of some files has sent is filtered. */
export async function checkStatements(): Promise<number> {
  const { problems } = await isolationReport(readCollectedStatements(), tenantTables, exceptions)
  for (const problem of problems) process.stderr.write(`tenant isolation: ${problem}\n`)
  return problems.length === 0 ? 0 : 1
}

/** Returns 0 when every statement of a complete run is filtered and both files are current, or have been written. */
export async function checkIsolation(write: boolean): Promise<number> {
  const report = await isolationReport(readCollectedStatements(), tenantTables, exceptions)
  const { markdown, summary } = report
  const problems = [...report.problems, ...report.stale]
  for (const problem of problems) process.stderr.write(`tenant isolation: ${problem}\n`)
  const files = { [document]: markdown, [manifest]: summaryText(summary) }
  const before = existsSync(document) ? readFileSync(document, 'utf8') : ''
  const stale = Object.entries(files).filter(([file, text]) => !isCurrent(file, text, write))
  for (const [file] of stale) process.stderr.write(`${file} is stale: run npm test -- --write\n`)
  if (stale.length > 0) process.stderr.write(differences(before, markdown))
  return problems.length === 0 && stale.length === 0 ? 0 : 1
}

/** The first lines that only one of the two pages has. */
function differences(before: string, after: string): string {
  const lines = (text: string, other: string, sign: string) =>
    [...new Set(text.split('\n')).difference(new Set(other.split('\n')))].map(
      (line) => `${sign} ${line.slice(0, 1000)}\n`,
    )
  return [...lines(before, after, '-'), ...lines(after, before, '+')].slice(0, 20).join('')
}

function isCurrent(file: string, text: string, write: boolean): boolean {
  if (write) {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
  return existsSync(file) && readFileSync(file, 'utf8') === text
}
