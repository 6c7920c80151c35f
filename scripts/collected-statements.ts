// Reads the statements that the test run collected, with the files that sent them.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import type { CollectedStatement } from '../test/isolation/collector.ts'

export function readCollectedStatements(): CollectedStatement[] {
  if (!existsSync('.test/statements')) return []
  return readdirSync('.test/statements').flatMap((name) =>
    readFileSync(`.test/statements/${name}`, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as CollectedStatement),
  )
}
