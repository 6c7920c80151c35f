// Collects, while tests run, every statement the product's own code sends, and which source file sent it.
import { appendFileSync, mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** A statement and the file that sent it, relative to the project's root; one JSON line each in `.test/statements/`. */
export interface CollectedStatement {
  readonly text: string
  readonly file: string
}

const root = new URL('../../', import.meta.url).href
const folder = fileURLToPath(new URL('../../.test/statements/', import.meta.url))

/** These carry the statements of others. */
const carriers = [
  'src/core/postgres/database.ts',
  'src/core/postgres/transaction.ts',
  'src/core/postgres/embedded.ts',
  'src/core/postgres/pools.ts',
]

/** A text that only tests have sent is looked at again this often: the product may send it later. */
const looks = 1000
const stack_depth = 40

const sent = new Map<string, string>()
const unclaimed = new Map<string, number>()
let will_save = false

/** For `onStatement`: notes a statement the first time the product sends it; what tests send themselves is left out. */
export function recordStatement(text: string, _values?: unknown): void {
  if (sent.has(text)) return
  const seen = unclaimed.get(text) ?? 0
  if (seen >= looks) return
  const file = senderOf(currentStack())
  if (file === undefined) {
    unclaimed.set(text, seen + 1)
    return
  }
  if (!will_save) process.on('exit', saveStatements)
  will_save = true
  sent.set(text, file)
}

function currentStack(): string {
  const before = Error.stackTraceLimit
  Error.stackTraceLimit = stack_depth
  const { stack = '' } = new Error()
  Error.stackTraceLimit = before
  return stack
}

/**
 * The source file behind a stack: the nearest of the project's own frames beyond those that only pass statements on.
 * Undefined when that frame is a test, a script, or not there.
 */
export function senderOf(stack: string, projectRoot = root): string | undefined {
  const files = stack.split('\n').flatMap((line) => {
    const at = line.indexOf(projectRoot)
    return at === -1 ? [] : [line.slice(at + projectRoot.length).replace(/[?#:].*$/, '')]
  })
  const own = files.filter((file) => !file.startsWith('node_modules/') && file !== 'test/isolation/collector.ts')
  // An observer may sit between this function and the carrier; whoever stands beyond the carrier sent the statement.
  const beyond = own.slice(own.findIndex((file) => carriers.includes(file)) + 1)
  const sender = beyond.find((file) => !carriers.includes(file))
  return sender?.startsWith('src/') && !sender.endsWith('.test.ts') ? sender : undefined
}

const lexemes =
  /e'(?:[^'\\]|''|\\.)*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|(\$(?:[a-z_]\w*)?\$)[\s\S]*?\1|(?:--[^\n]*|\/\*[\s\S]*?\*\/|\s+)+/gi

/** The statement on one line: white space and comments become one space, quoted text stays as it is. */
export function onOneLine(text: string): string {
  return text.replace(lexemes, (lexeme) => (/^(?:--|\/\*|\s)/.test(lexeme) ? ' ' : lexeme)).trim()
}

/**
 * Writes down what was collected and forgets it; where several test files run in one process, after each of them:
 * a text that two source files send, each in a test of its own, belongs to both. Synchronous, because nothing else runs
 * at exit.
 */
export function saveStatements(): void {
  unclaimed.clear()
  if (sent.size === 0) return
  const lines = [...sent].map(([text, file]) => `${JSON.stringify({ text: onOneLine(text), file })}\n`)
  sent.clear()
  mkdirSync(folder, { recursive: true })
  appendFileSync(`${folder}${process.pid}.jsonl`, lines.join(''))
}
