// Generates HTTP load with wrk, which needs little CPU compared with the service.
import { execFile } from 'node:child_process'
import { rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { removeAtExit } from '../scorecard/environment/cleanup.ts'

const run = promisify(execFile)

export interface Load {
  readonly port: number
  /** Complete raw HTTP requests, sent in rotation. */
  readonly requests: readonly string[]
  readonly connections: number
  /** Whole seconds, at least 1. */
  readonly seconds: number
}

/** `refused`: answers with status 400 and above. `broken`: requests without an answer. */
export interface Outcome {
  readonly seconds: number
  readonly answers: number
  readonly refused: number
  readonly broken: number
  readonly p50_ms: number
  readonly p99_ms: number
  readonly max_ms: number
}

/** Sends requests continuously over persistent connections. */
export async function runWrk({ port, requests, connections, seconds }: Load): Promise<Outcome> {
  const file = join(tmpdir(), `roost-bench-${process.pid}-${port}.requests`)
  removeAtExit(file)
  await writeFile(file, requests.map((request) => `${Buffer.byteLength(request)}\n${request}`).join(''))
  try {
    const { stdout } = await run('wrk', [
      '-t1',
      `-c${connections}`,
      `-d${seconds}s`,
      '--timeout=10s',
      `--script=${join(import.meta.dirname, 'wrk.lua')}`,
      `http://127.0.0.1:${port}`,
      '--',
      file,
    ])
    return outcomeIn(stdout)
  } finally {
    await rm(file, { force: true })
  }
}

/** Parses the result line of wrk.lua. */
export function outcomeIn(stdout: string): Outcome {
  const line = /^result (.+)$/m.exec(stdout)?.[1]
  if (line === undefined) throw new Error(`wrk printed no result:\n${stdout}`)
  return JSON.parse(line) as Outcome
}
