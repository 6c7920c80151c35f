// A progress bar on stderr while somebody watches; otherwise nothing.
import { Presets, SingleBar } from 'cli-progress'
import type { CommandContext } from './context.ts'

export interface Progress {
  /** Both in whatever is counted: bytes, tables, requests. */
  update(done: number, all: number): void
  stop(): void
}

const silent: Progress = { update: () => {}, stop: () => {} }

/** `label` stands before the bar. Not on a terminal, or `is_wanted` false (with --json): silent. */
export function progressBar({ is_terminal }: CommandContext, label: string, is_wanted = true): Progress {
  if (!is_terminal || !is_wanted) return silent
  const format = `${label} {bar} {percentage}% | {duration_formatted}`
  const bar = new SingleBar({ format, stream: process.stderr, clearOnComplete: true }, Presets.shades_classic)
  bar.start(1, 0)
  return {
    update: (done, all) => {
      bar.setTotal(all)
      bar.update(done)
    },
    stop: () => bar.stop(),
  }
}
