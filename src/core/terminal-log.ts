// Prints the lines of the JSON log for people, when the output is a terminal.
import { styleText } from 'node:util'
import type { DestinationStream } from 'pino'

interface Line {
  readonly level: number
  readonly time: string
  readonly msg?: string
  readonly err?: { readonly message?: string; readonly stack?: string }
  readonly [member: string]: unknown
}

const levels: readonly [from: number, name: string, style: 'dim' | 'yellow' | 'red'][] = [
  [50, 'ERROR', 'red'],
  [40, 'WARNING', 'yellow'],
]

/** A destination of createLog that writes one readable line for each line of the log. */
export function createTerminalLog(stream: Pick<NodeJS.WriteStream, 'write'>): DestinationStream {
  return { write: (json) => void stream.write(`${formatLine(JSON.parse(json) as Line)}\n`) }
}

/** `14:51:43 GET /api/v1/properties 200 4.3 ms`, or the time, the message and its members. An error has its stack. */
function formatLine({ level, time, msg = '', err, ...members }: Line): string {
  const text = msg === 'request' ? formatRequest(members) : [msg, ...formatMembers(members)].join(' ')
  const [, name, style] = levels.find(([from]) => level >= from) ?? []
  const head = name === undefined || style === undefined ? [] : [styleText(style, name)]
  const reason = (level >= 50 && err?.stack) || err?.message
  const clock = styleText('dim', new Date(time).toTimeString().slice(0, 8))
  return [
    clock,
    ...head,
    printable(text),
    ...(reason === undefined ? [] : [reason.split('\n').map(printable).join('\n')]),
  ].join(' ')
}

function formatRequest({ method, path, route, status, ms }: Record<string, unknown>): string {
  return `${method} ${path ?? route ?? ''} ${status} ${ms} ms`
}

function formatMembers(members: Record<string, unknown>): string[] {
  return Object.entries(members).map(
    ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
}

/** Clients choose parts of the log, so control characters must not reach the terminal. The stack of an error has lines. */
function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is replaced
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, escapeCharacter)
}

function escapeCharacter(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
}
