// Creates the logger, which redacts secrets. JSON, or readable lines on a terminal.
import { type DestinationStream, type Logger, pino } from 'pino'
import { createTerminalLog } from './terminal-log.ts'

export type { Logger }

/** Headers and members with secrets, and the row values that PostgreSQL includes in err.detail. */
const redact = {
  paths: [
    'headers.authorization',
    '*.headers.authorization',
    'headers.cookie',
    '*.headers.cookie',
    'headers["set-cookie"]',
    '*.headers["set-cookie"]',
    '*.password',
    '*.access_token',
    '*.refresh_token',
    '*.token',
    'err.detail',
  ],
  censor: '[hidden]',
}

/** Without a destination the log goes to stdout. */
export function createLog(level: string, destination: DestinationStream | undefined = terminal()): Logger {
  const options = { level, redact, base: null, timestamp: pino.stdTimeFunctions.isoTime }
  return destination === undefined ? pino(options) : pino(options, destination)
}

function terminal(): DestinationStream | undefined {
  return process.stdout.isTTY ? createTerminalLog(process.stdout) : undefined
}
