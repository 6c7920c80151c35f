// A log that keeps its lines.
import { createLog, type Logger } from '../src/core/log.ts'

interface LogLine {
  readonly level: number
  readonly msg: string
  readonly [field: string]: unknown
}

export interface RecordingLog {
  readonly log: Logger
  readonly lines: LogLine[]
  /** The messages of the warnings so far, oldest first. */
  warnings(): string[]
  infos(): string[]
}

export function recordingLog(): RecordingLog {
  const lines: LogLine[] = []
  const log = createLog('info', { write: (line) => void lines.push(JSON.parse(line)) })
  const textsOf = (level: number) => lines.filter((line) => line.level === level).map(({ msg }) => msg)
  return { log, lines, warnings: () => textsOf(40), infos: () => textsOf(30) }
}
