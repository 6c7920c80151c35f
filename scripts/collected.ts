// Reads what the test run has collected: each statement the product sent, and the file that sent it.
import { readdirSync, readFileSync } from 'node:fs'
import type { CollectedStatement } from '../test/isolation/collector.ts'

export function collectedStatements(): CollectedStatement[] {
  return readdirSync('.test/statements').flatMap((name) =>
    readFileSync(`.test/statements/${name}`, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as CollectedStatement),
  )
}
