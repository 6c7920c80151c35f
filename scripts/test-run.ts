// The folder of one run of test files: which of them a process has taken, and which came to their end.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

export interface Run {
  readonly folder: string
  readonly files: readonly string[]
}

export interface Claim {
  readonly file: string
  readonly index: number
  /** Milliseconds of performance.now() in the process that has the file. */
  readonly begun_at: number
}

const takenOf = ({ folder }: Run, index: number) => join(folder, `${index}.taken`)
const endedOf = ({ folder }: Run, index: number) => join(folder, `${index}.ended`)

/** Makes the folder anew, with an entry for each process, since node --test wants a file for each. */
export function makeRun(folder: string, files: readonly string[], processes: number): Run & { entries: string[] } {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'files.json'), JSON.stringify(files))
  const entries = Array.from({ length: processes }, (_, index) => join(folder, `process-${index + 1}.ts`))
  for (const entry of entries) writeFileSync(entry, `import ${JSON.stringify(resolve('scripts/test-files.ts'))}\n`)
  return { folder, files, entries }
}

export function readRun(folder: string): Run {
  return { folder, files: JSON.parse(readFileSync(join(folder, 'files.json'), 'utf8')) }
}

/** The first file that no process has taken; undefined when all are taken. */
export function claimNext(run: Run): Claim | undefined {
  for (const [index, file] of run.files.entries()) {
    try {
      writeFileSync(takenOf(run, index), String(process.pid), { flag: 'wx' })
      return { file, index, begun_at: performance.now() }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
  return undefined
}

/** The file's tests and hooks are through, whether they passed or not. */
export function finished(run: Run, { index, begun_at }: Claim): void {
  writeFileSync(endedOf(run, index), String(performance.now() - begun_at))
}

export interface Outcome {
  /** How long each file took, the longest first. */
  readonly took: readonly { file: string; seconds: number }[]
  /** Those that did not come to their end, whether a process took them or none did. */
  readonly unfinished: readonly string[]
  /** How many files no process has taken. */
  readonly left: number
}

export function outcomeOf(run: Run): Outcome {
  const ended = run.files.map((_, index) => existsSync(endedOf(run, index)))
  const took = run.files.flatMap((file, index) =>
    ended[index] ? [{ file, seconds: Number(readFileSync(endedOf(run, index), 'utf8')) / 1000 }] : [],
  )
  return {
    took: took.sort((a, b) => b.seconds - a.seconds),
    unfinished: run.files.filter((_, index) => !ended[index]),
    left: run.files.filter((_, index) => !existsSync(takenOf(run, index))).length,
  }
}
