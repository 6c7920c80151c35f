// Reads what a PostgreSQL client says on the wire: its statements, their values, and where it waited for an answer.
// https://www.postgresql.org/docs/current/protocol-message-formats.html

/** One executed statement; a value is text, bytes in binary format, or null. */
export interface Statement {
  readonly text: string
  readonly values: readonly (string | Buffer | null)[]
}

/** Statements that left without waiting for an answer in between: one round trip. */
export type Turn = readonly Statement[]

export interface Conversation {
  /** A piece of what the client or the server said, in order. */
  hear(from: 'client' | 'server', piece: Buffer): void
  /** The turns since the last time, without what a turn is still lacking. */
  take(): Turn[]
}

/** Follows one connection from its first byte. It must be in clear text. */
export function followConversation(): Conversation {
  const client = createSplitter('without a type first')
  const server = createSplitter('typed')
  const texts = new Map<string, string>()
  let turns: Statement[][] = []
  /** What the client waits for: its Syncs and simple queries that ReadyForQuery has not answered. Connecting is one. */
  let awaited = 1
  /** Statements were sent that no Sync has followed yet. */
  let is_unfinished = false

  function add(statement: Statement): void {
    if (awaited === 0 && !is_unfinished) turns.push([])
    turns.at(-1)?.push(statement)
  }

  function hearClient(type: string, body: Buffer): void {
    if (type === 'P') {
      const [name, text] = textsIn(body, 2) as [string, string]
      texts.set(name, text)
    } else if (type === 'B') {
      const { statement, values } = readBind(body)
      add({ text: texts.get(statement) ?? '', values })
      is_unfinished = true
    } else if (type === 'Q') {
      add({ text: textsIn(body, 1)[0] ?? '', values: [] })
      awaited += 1
    } else if (type === 'S') {
      awaited += 1
      is_unfinished = false
    }
  }

  return {
    hear(from, piece) {
      if (from === 'client') for (const { type, body } of client(piece)) hearClient(type, body)
      else for (const { type } of server(piece)) if (type === 'Z') awaited -= 1
    },
    take() {
      const taken = turns
      turns = []
      return taken
    },
  }
}

/** Whole messages out of pieces: a type, four bytes of length that count themselves, the body. */
function createSplitter(kind: 'typed' | 'without a type first') {
  let rest: Buffer = Buffer.alloc(0)
  let head = kind === 'typed' ? 1 : 0
  return function* (piece: Buffer): Generator<{ type: string; body: Buffer }> {
    rest = rest.length === 0 ? piece : Buffer.concat([rest, piece])
    while (rest.length >= head + 4) {
      const end = head + rest.readInt32BE(head)
      if (rest.length < end) return
      yield { type: rest.toString('latin1', 0, head), body: rest.subarray(head + 4, end) }
      rest = rest.subarray(end)
      head = 1
    }
  }
}

/** The first so many zero-terminated texts. */
function textsIn(body: Buffer, count: number): string[] {
  return body.toString('utf8').split('\0', count)
}

function readBind(body: Buffer): { statement: string; values: (string | Buffer | null)[] } {
  const portal_end = body.indexOf(0)
  const name_end = body.indexOf(0, portal_end + 1)
  let at = name_end + 1
  const step = (bytes: number) => {
    at += bytes
    return at - bytes
  }
  const int16 = () => body.readInt16BE(step(2))
  const int32 = () => body.readInt32BE(step(4))
  const formats = Array.from({ length: int16() }, int16)
  const values = Array.from({ length: int16() }, (_, n) => {
    const length = int32()
    if (length === -1) return null
    const from = step(length)
    const bytes = body.subarray(from, at)
    // One format stands for all values, none for text.
    const is_binary = (formats.length === 1 ? formats[0] : formats[n]) === 1
    return is_binary ? Buffer.from(bytes) : bytes.toString('utf8')
  })
  return { statement: body.toString('utf8', portal_end + 1, name_end), values }
}
