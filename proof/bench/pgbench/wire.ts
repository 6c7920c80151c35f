// Parses the client side of the PostgreSQL protocol into statements, parameters and round trips.
// https://www.postgresql.org/docs/current/protocol-message-formats.html

/** One executed statement. A value is text, a buffer in binary format, or null. */
export interface Statement {
  readonly text: string
  readonly values: readonly (string | Buffer | null)[]
}

/** Statements that were sent without waiting for an answer in between. */
export type RoundTrip = readonly Statement[]

export interface ProtocolReader {
  /** Adds the next chunk of the client or the server. */
  push(from: 'client' | 'server', chunk: Buffer): void
  /** Returns and removes the round trips recorded so far. */
  take(): RoundTrip[]
}

/** Reads one unencrypted connection from its first byte. */
export function createProtocolReader(): ProtocolReader {
  const client = createSplitter('startup first')
  const server = createSplitter('typed')
  const texts = new Map<string, string>()
  let round_trips: Statement[][] = []
  /** Syncs and simple queries without their ReadyForQuery. Connecting counts as one. */
  let awaited = 1
  /** Statements were sent without a Sync so far. */
  let is_unfinished = false

  function add(statement: Statement): void {
    if (awaited === 0 && !is_unfinished) round_trips.push([])
    round_trips.at(-1)?.push(statement)
  }

  function readClient(type: string, body: Buffer): void {
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
    push(from, chunk) {
      if (from === 'client') for (const { type, body } of client(chunk)) readClient(type, body)
      else for (const { type } of server(chunk)) if (type === 'Z') awaited -= 1
    },
    take() {
      const taken = round_trips
      round_trips = []
      return taken
    },
  }
}

/** Splits chunks into messages: type, int32 length including itself, body. The startup message has no type. */
function createSplitter(kind: 'typed' | 'startup first') {
  let rest: Buffer = Buffer.alloc(0)
  let head = kind === 'typed' ? 1 : 0
  return function* (chunk: Buffer): Generator<{ type: string; body: Buffer }> {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    while (rest.length >= head + 4) {
      const end = head + rest.readInt32BE(head)
      if (rest.length < end) return
      yield { type: rest.toString('latin1', 0, head), body: rest.subarray(head + 4, end) }
      rest = rest.subarray(end)
      head = 1
    }
  }
}

/** The first `count` null-terminated strings. */
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
    // A single format code applies to all values; none means text.
    const is_binary = (formats.length === 1 ? formats[0] : formats[n]) === 1
    return is_binary ? Buffer.from(bytes) : bytes.toString('utf8')
  })
  return { statement: body.toString('utf8', portal_end + 1, name_end), values }
}
