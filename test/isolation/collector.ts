// Collects the statements that the product's code sends during tests, with the source file of each.
import { appendFileSync, mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** A statement and its source file, relative to the project's root. `.test/statements/` has one JSON line for each. */
export interface CollectedStatement {
  readonly text: string
  readonly file: string
  /** Whether a transaction of an owner has sent it, so that it must show own properties only (owner-rule.ts). */
  readonly by_owner?: true
}

const root = new URL('../../', import.meta.url).href
const folder = fileURLToPath(new URL('../../.test/statements/', import.meta.url))

/** Files that only forward statements. */
const carriers = [
  'src/core/postgres/database.ts',
  'src/core/postgres/transaction.ts',
  'src/core/postgres/embedded.ts',
  'src/core/postgres/pools.ts',
]

/** How often a statement that only tests have sent is checked at most: the product can send it later. */
const max_checks = 1000
const stack_depth = 40

const sent = new Map<string, { readonly file: string; by_owner: boolean }>()
const sent_by_tests = new Map<string, number>()
let will_save = false

/**
 * For `onStatement`: records a statement the first time the product sends it, and whether an owner has sent it. Statements of tests
 * are ignored. `context` has the claims of the transaction.
 */
export function recordStatement(
  text: string,
  _values?: unknown,
  context?: { readonly values: readonly unknown[] },
): void {
  const by_owner = isOfOwner(context?.values)
  const known = sent.get(text)
  if (known !== undefined) {
    known.by_owner ||= by_owner
    return
  }
  const seen = sent_by_tests.get(text) ?? 0
  if (seen >= max_checks) return
  const file = senderOf(currentStack())
  if (file === undefined) {
    sent_by_tests.set(text, seen + 1)
    return
  }
  if (!will_save) process.on('exit', saveStatements)
  will_save = true
  sent.set(text, { file, by_owner })
}

function isOfOwner(values: readonly unknown[] = []): boolean {
  return values.some((value) => typeof value === 'string' && value.includes('"app_role":"owner"'))
}

function currentStack(): string {
  const before = Error.stackTraceLimit
  Error.stackTraceLimit = stack_depth
  const { stack = '' } = new Error()
  Error.stackTraceLimit = before
  return stack
}

/**
 * The source file of a stack trace: the nearest frame of the project outside the files that only forward statements.
 * Undefined when that frame is in a test or a script, or missing.
 */
export function senderOf(stack: string, projectRoot = root): string | undefined {
  const files = stack.split('\n').flatMap((line) => {
    const at = line.indexOf(projectRoot)
    return at === -1 ? [] : [line.slice(at + projectRoot.length).replace(/[?#:].*$/, '')]
  })
  const own = files.filter((file) => !file.startsWith('node_modules/') && file !== 'test/isolation/collector.ts')
  // An observer can be between this function and the forwarding file; the frame outside that file is the sender.
  const beyond = own.slice(own.findIndex((file) => carriers.includes(file)) + 1)
  const sender = beyond.find((file) => !carriers.includes(file))
  return sender?.startsWith('src/') && !sender.endsWith('.test.ts') ? sender : undefined
}

const lexemes =
  /e'(?:[^'\\]|''|\\.)*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|(\$(?:[a-z_]\w*)?\$)[\s\S]*?\1|(?:--[^\n]*|\/\*[\s\S]*?\*\/|\s+)+/gi

/** The statement on one line: white space and comments become one space, quoted text is unchanged. */
export function onOneLine(text: string): string {
  return text.replace(lexemes, (lexeme) => (/^(?:--|\/\*|\s)/.test(lexeme) ? ' ' : lexeme)).trim()
}

/**
 * Writes the collected statements and clears them. With several test files in one process it is called after each file,
 * so that a statement sent by two source files is listed for both. Synchronous, since only synchronous code runs at exit.
 */
export function saveStatements(): void {
  sent_by_tests.clear()
  if (sent.size === 0) return
  const lines = [...sent].map(
    ([text, { file, by_owner }]) =>
      `${JSON.stringify({ text: onOneLine(text), file, ...(by_owner && { by_owner }) })}\n`,
  )
  sent.clear()
  mkdirSync(folder, { recursive: true })
  appendFileSync(`${folder}${process.pid}.jsonl`, lines.join(''))
}
