// The tenant-isolation audit over the statements that the tests just ran: problems, and docs/security/tenant-isolation.md.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { exceptions } from '../test/isolation/exceptions.ts'
import { isolationReport } from '../test/isolation/report.ts'
import { tenantTables } from '../test/isolation/tables.ts'
import { collectedStatements } from './collected.ts'

const document = 'docs/security/tenant-isolation.md'

/** 0 when every statement is filtered and the document is current (or was written now). */
export async function checkIsolation(write: boolean): Promise<number> {
  const { markdown, problems } = await isolationReport(collectedStatements(), tenantTables, exceptions)
  for (const problem of problems) process.stderr.write(`tenant isolation: ${problem}\n`)
  if (write) {
    mkdirSync('docs/security', { recursive: true })
    writeFileSync(document, markdown)
  }
  const is_current = write || readFileSync(document, 'utf8') === markdown
  if (!is_current) process.stderr.write(`${document} is stale: npm test -- --write\n`)
  if (problems.length === 0 && is_current)
    process.stdout.write('\nTenant isolation: every collected statement is filtered.\n')
  return problems.length === 0 && is_current ? 0 : 1
}
