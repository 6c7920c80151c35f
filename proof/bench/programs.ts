// The programs of this machine that a run needs; the comparison service and pgbench are looked for where they are used.
import { execFileSync } from 'node:child_process'
import { findTools, missingTools } from '../scorecard/environment/tools.ts'
import type { Choice } from './options.ts'

/** One line for each that is not here. PgBouncer is part of the curves only, Redis of nothing. */
export function missingPrograms({ asks_for }: Pick<Choice, 'asks_for'>): string[] {
  const tools = findTools()
  const pgbouncer = asks_for === 'curves' ? tools.pgbouncer : 'not needed'
  return [...missingTools({ ...tools, pgbouncer, redis_server: 'not needed' }), ...(hasWrk() ? [] : [wrk_line])]
}

const wrk_line = 'wrk: apt-get install -y wrk'

/** It says its version and ends with 1. */
function hasWrk(): boolean {
  try {
    execFileSync('wrk', ['--version'], { stdio: 'pipe' })
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT'
  }
}
