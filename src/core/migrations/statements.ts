// Cuts a migration file into its statements, each with its line, so that a failure can be traced to where it was written.

export interface Statement {
  readonly text: string
  /** Line of the file its first word stands on, from 1. */
  readonly line: number
  /** For lints: lower case, one space between words, no comments, literals and function bodies emptied. */
  readonly bare: string
}

/** Longest first: comment, dollar quote, E'' string, other quotes, word, number, anything else. */
const tokens =
  /--[^\n]*|\/\*|\$([A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$[\s\S]*?\$\1\$|[eE]'(?:[^'\\]|\\[\s\S])*'|'[^']*'|"[^"]*"|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*|\d+|[\s\S]/g

interface Piece {
  start: number
  bare: string
  depth: number
  last_word: string
  is_atomic: boolean
}

const emptyPiece = (): Piece => ({ start: -1, bare: '', depth: 0, last_word: '', is_atomic: false })

/** The statements of `text` (LF line ends), without the semicolon; pieces that hold only comments are left out. */
export function splitStatements(text: string): Statement[] {
  const statements: Statement[] = []
  let piece = emptyPiece()
  function finish(end: number) {
    if (piece.start >= 0) {
      const line = text.slice(0, piece.start).split('\n').length
      statements.push({ text: text.slice(piece.start, end).trimEnd(), line, bare: tidy(piece.bare) })
    }
    piece = emptyPiece()
  }
  const scanner = new RegExp(tokens)
  for (let match = scanner.exec(text); match !== null; match = scanner.exec(text)) {
    const token = match[0]
    if (token === '/*') scanner.lastIndex = endOfComment(text, match.index)
    else if (token === ';' && piece.depth <= 0) finish(match.index)
    else if (!token.startsWith('--')) take(piece, token, match.index)
    else piece.bare += ' '
  }
  finish(text.length)
  return statements
}

function take(piece: Piece, token: string, index: number): void {
  if (piece.start < 0 && token.trim() !== '') piece.start = index
  piece.bare += bareToken(token)
  piece.depth += depthOf(token, piece)
  if (/^[A-Za-z_]/.test(token)) piece.last_word = token.toLowerCase()
}

/** Semicolons inside parentheses (rules) and inside BEGIN ATOMIC … END (SQL-standard bodies) end no statement. */
function depthOf(token: string, piece: Piece): number {
  if (token === '(') return 1
  if (token === ')') return -1
  const word = token.toLowerCase()
  if (word === 'atomic' && piece.last_word === 'begin') piece.is_atomic = true
  else if (!piece.is_atomic) return 0
  if (word === 'atomic' || word === 'case') return 1
  return word === 'end' ? -1 : 0
}

function bareToken(token: string): string {
  if (/^[eE]?'/.test(token)) return token.length > 1 ? "''" : token
  if (token.startsWith('$') && token.length > 1) return "''"
  return token
}

/** Block comments nest. An unclosed one reaches to the end of the file. */
function endOfComment(text: string, start: number): number {
  const marks = /\/\*|\*\//g
  marks.lastIndex = start
  let depth = 0
  for (let mark = marks.exec(text); mark !== null; mark = marks.exec(text)) {
    depth += mark[0] === '/*' ? 1 : -1
    if (depth === 0) return marks.lastIndex
  }
  return text.length
}

const tidy = (bare: string) => bare.toLowerCase().replaceAll('"', '').replace(/\s+/g, ' ').trim()
