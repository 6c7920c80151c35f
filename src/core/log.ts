// JSON logs: one line per request, no bodies, no secrets.
import { type DestinationStream, type Logger, pino } from 'pino'

export type { Logger }

/** Secrets in headers and bodies, and rows that PostgreSQL quotes in its errors, never reach a log line. */
const redact = {
  paths: [
    'headers.authorization',
    '*.headers.authorization',
    'headers.cookie',
    '*.headers.cookie',
    '*.password',
    '*.token',
    'err.detail',
  ],
  censor: '[hidden]',
}

export function createLog(level: string, destination?: DestinationStream): Logger {
  const options = { level, redact, base: null, timestamp: pino.stdTimeFunctions.isoTime }
  return destination === undefined ? pino(options) : pino(options, destination)
}
