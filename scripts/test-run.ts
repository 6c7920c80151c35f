// The folder of a test run, which records the claimed and the finished test files.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

export interface Run {
  readonly folder: string
  readonly files: readonly string[]
}

export interface Claim {
  readonly file: string
  readonly index: number
  /** performance.now() of the process that claimed the file. */
  readonly started_at: number
}

const claimedPath = ({ folder }: Run, index: number) => join(folder, `${index}.claimed`)
const finishedPath = ({ folder }: Run, index: number) => join(folder, `${index}.finished`)

/** Recreates the folder, with an entry file for each process, because node --test starts a process per file. */
export function createRun(folder: string, files: readonly string[], processes: number): Run & { entries: string[] } {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'files.json'), JSON.stringify(files))
  const entries = Array.from({ length: processes }, (_, index) => join(folder, `process-${index + 1}.ts`))
  for (const entry of entries)
    writeFileSync(entry, `import ${JSON.stringify(pathToFileURL('scripts/test-files.ts').href)}\n`)
  return { folder, files, entries }
}

export function readRun(folder: string): Run {
  return { folder, files: JSON.parse(readFileSync(join(folder, 'files.json'), 'utf8')) }
}

/** Claims the next file; undefined when all are claimed. */
export function claimNext(run: Run): Claim | undefined {
  for (const [index, file] of run.files.entries()) {
    try {
      writeFileSync(claimedPath(run, index), String(process.pid), { flag: 'wx' })
      return { file, index, started_at: performance.now() }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
  return undefined
}

/** Records that the tests and hooks of the file have run. */
export function markFinished(run: Run, { index, started_at }: Claim): void {
  writeFileSync(finishedPath(run, index), String(performance.now() - started_at))
}

export interface Outcome {
  /** The duration of each finished file, longest first. */
  readonly durations: readonly { file: string; seconds: number }[]
  /** Files without a result, claimed or not. */
  readonly unfinished: readonly string[]
  /** Number of files that no process has claimed. */
  readonly unclaimed: number
}

export function readOutcome(run: Run): Outcome {
  const is_finished = run.files.map((_, index) => existsSync(finishedPath(run, index)))
  const durations = run.files.flatMap((file, index) =>
    is_finished[index] ? [{ file, seconds: Number(readFileSync(finishedPath(run, index), 'utf8')) / 1000 }] : [],
  )
  return {
    durations: durations.sort((a, b) => b.seconds - a.seconds),
    unfinished: run.files.filter((_, index) => !is_finished[index]),
    unclaimed: run.files.filter((_, index) => !existsSync(claimedPath(run, index))).length,
  }
}
