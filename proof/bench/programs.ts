// Checks for the programs that a run needs, except the optional baseline and pgbench.
import { execFileSync } from 'node:child_process'
import { findTools, missingTools } from '../scorecard/environment/tools.ts'
import type { BenchOptions } from './options.ts'

/** One line per missing program. Only the curves need PgBouncer; nothing needs Redis. */
export function missingPrograms({ action }: Pick<BenchOptions, 'action'>): string[] {
  const tools = findTools()
  const pgbouncer = action === 'curves' ? tools.pgbouncer : 'not needed'
  return [...missingTools({ ...tools, pgbouncer, redis_server: 'not needed' }), ...(hasWrk() ? [] : [wrk_line])]
}

const wrk_line = 'wrk: apt-get install -y wrk'

/** wrk --version exits with code 1. */
function hasWrk(): boolean {
  try {
    execFileSync('wrk', ['--version'], { stdio: 'pipe' })
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT'
  }
}
