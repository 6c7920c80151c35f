// Creates the JSON logger, which redacts secrets.
import { type DestinationStream, type Logger, pino } from 'pino'

export type { Logger }

/** Headers and members with secrets, and the row values that PostgreSQL includes in err.detail. */
const redact = {
  paths: [
    'headers.authorization',
    '*.headers.authorization',
    'headers.cookie',
    '*.headers.cookie',
    '*.password',
    '*.access_token',
    '*.token',
    'err.detail',
  ],
  censor: '[hidden]',
}

export function createLog(level: string, destination?: DestinationStream): Logger {
  const options = { level, redact, base: null, timestamp: pino.stdTimeFunctions.isoTime }
  return destination === undefined ? pino(options) : pino(options, destination)
}
