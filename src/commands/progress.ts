// A progress bar on stderr, shown on a terminal only.
import { Presets, SingleBar } from 'cli-progress'
import type { CommandContext } from './context.ts'

export interface Progress {
  /** In any unit: bytes, tables, requests. */
  update(done: number, total: number): void
  stop(): void
}

const silent: Progress = { update: () => {}, stop: () => {} }

/** Shows nothing without a terminal, or when `is_enabled` is false (with --json). */
export function startProgress({ is_terminal }: CommandContext, label: string, is_enabled = true): Progress {
  if (!is_terminal || !is_enabled) return silent
  const format = `${label} {bar} {percentage}% | {duration_formatted}`
  // Its own handler of SIGINT would only stop the bar, and the command would go on.
  const options = { format, stream: process.stderr, clearOnComplete: true, gracefulExit: false }
  const bar = new SingleBar(options, Presets.shades_classic)
  bar.start(1, 0)
  return {
    update: (done, total) => {
      bar.setTotal(total)
      bar.update(done)
    },
    stop: () => bar.stop(),
  }
}
