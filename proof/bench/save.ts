// Keeps what a run has counted for docs/performance.md, and writes that page anew.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root } from '../../src/store.ts'
import { type KeptCurves, type KeptRounds, keptFiles, performanceFiles } from './page.ts'

export function keepRounds(kept: KeptRounds): void {
  keep(keptFiles.rounds, kept)
}

export function keepCurves(kept: KeptCurves): void {
  keep(keptFiles.curves, kept)
}

function keep(file: string, kept: object): void {
  write(file, `${JSON.stringify(kept, null, 1)}\n`)
  for (const [path, text] of Object.entries(performanceFiles())) write(path, text)
}

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}
