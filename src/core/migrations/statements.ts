// Splits a migration file into statements with line numbers.

export interface Statement {
  readonly text: string
  /** Line of its first word in the file, starting at 1. */
  readonly line: number
  /** For lints: lower case, single spaces, without comments, with empty literals and function bodies. */
  readonly bare: string
}

/** Alternatives in order: comment, dollar quote, E'' string, other quotes, word, number, any character. */
const tokens =
  /--[^\n]*|\/\*|\$([A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$[\s\S]*?\$\1\$|[eE]'(?:[^'\\]|\\[\s\S])*'|'[^']*'|"[^"]*"|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*|\d+|[\s\S]/g

interface Draft {
  start: number
  bare: string
  depth: number
  last_word: string
  is_atomic: boolean
}

const createDraft = (): Draft => ({ start: -1, bare: '', depth: 0, last_word: '', is_atomic: false })

/** The statements of `text` (LF line endings), without their semicolons. Parts with only comments are left out. */
export function splitStatements(text: string): Statement[] {
  const statements: Statement[] = []
  let draft = createDraft()
  function finish(end: number) {
    if (draft.start >= 0) {
      const line = text.slice(0, draft.start).split('\n').length
      statements.push({ text: text.slice(draft.start, end).trimEnd(), line, bare: normalize(draft.bare) })
    }
    draft = createDraft()
  }
  const scanner = new RegExp(tokens)
  for (let match = scanner.exec(text); match !== null; match = scanner.exec(text)) {
    const token = match[0]
    if (token === '/*') scanner.lastIndex = findCommentEnd(text, match.index)
    else if (token === ';' && draft.depth <= 0) finish(match.index)
    else if (!token.startsWith('--')) append(draft, token, match.index)
    else draft.bare += ' '
  }
  finish(text.length)
  return statements
}

function append(draft: Draft, token: string, index: number): void {
  if (draft.start < 0 && token.trim() !== '') draft.start = index
  draft.bare += emptyLiteral(token)
  draft.depth += depthChange(token, draft)
  if (/^[A-Za-z_]/.test(token)) draft.last_word = token.toLowerCase()
}

/** A semicolon does not end a statement in parentheses (CREATE RULE) or in BEGIN ATOMIC … END (SQL-standard bodies). */
function depthChange(token: string, draft: Draft): number {
  if (token === '(') return 1
  if (token === ')') return -1
  const word = token.toLowerCase()
  if (word === 'atomic' && draft.last_word === 'begin') draft.is_atomic = true
  else if (!draft.is_atomic) return 0
  if (word === 'atomic' || word === 'case') return 1
  return word === 'end' ? -1 : 0
}

function emptyLiteral(token: string): string {
  if (/^[eE]?'/.test(token)) return token.length > 1 ? "''" : token
  if (token.startsWith('$') && token.length > 1) return "''"
  return token
}

/** Block comments nest. An unclosed one ends at the end of the file. */
function findCommentEnd(text: string, start: number): number {
  const delimiters = /\/\*|\*\//g
  delimiters.lastIndex = start
  let depth = 0
  for (let mark = delimiters.exec(text); mark !== null; mark = delimiters.exec(text)) {
    depth += mark[0] === '/*' ? 1 : -1
    if (depth === 0) return delimiters.lastIndex
  }
  return text.length
}

const normalize = (bare: string) => bare.toLowerCase().replaceAll('"', '').replace(/\s+/g, ' ').trim()
