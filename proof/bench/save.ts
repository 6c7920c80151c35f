// Saves the figures of a run and regenerates docs/performance.md.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root } from '../../src/store.ts'
import { performanceFiles, type SavedCurves, type SavedRounds, saved_files } from './page.ts'

export function saveRounds(run: SavedRounds): void {
  save(saved_files.rounds, run)
}

export function saveCurves(run: SavedCurves): void {
  save(saved_files.curves, run)
}

function save(file: string, run: object): void {
  write(file, `${JSON.stringify(run, null, 1)}\n`)
  for (const [path, text] of Object.entries(performanceFiles())) write(path, text)
}

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}
