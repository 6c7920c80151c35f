// Turns what the service sent for two requests into a script for pgbench that sends the same for ever new ones.
import { sqlIds, uuidAt, type Volume } from '../data.ts'
import type { Statement, Turn } from './wire.ts'

/** A request that was listened to, and what its values are known to be. */
export interface Heard {
  readonly turns: readonly Turn[]
  readonly agency: string
  readonly person: string
  readonly property: string
  readonly booking: string
  /** The first night it asks for. */
  readonly day: string
}

export interface ScriptOptions {
  /** What its variables begin with, so that several scripts run side by side. */
  readonly prefix: string
  readonly volume: Volume
  /** The first night as SQL, over `:night` (a new one for every agency and property), `:stay` and `:any` (0-299). */
  readonly day: string
  /** The types of a statement's parameters. */
  readonly typesOf: (text: string) => readonly string[]
}

export interface Script {
  readonly text: string
  /** Given with -D; everything that is the same in all transactions. */
  readonly constants: Readonly<Record<string, string>>
}

type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'agency' | 'person' | 'property' | 'booking' }
  | { readonly kind: 'day'; readonly later: number }
  | { readonly kind: 'new id'; readonly slot: number }
  | { readonly kind: 'chance'; readonly slot: number; readonly like: string }

/**
 * `first` and `second` are the same call for different agencies, homes and nights: what is equal in both is a constant,
 * what differs is known, or the service made it up (an id, a reference). Throws when a difference cannot be explained.
 */
export function writeScript(first: Heard, second: Heard, options: ScriptOptions): Script {
  const { prefix, volume } = options
  const constants = new Map<string, string>()
  const settled = new Map<string, string>()
  const slots = new Map<string, number>()
  const named = (map: Map<string, string>, letter: string, key: string) => {
    const name = map.get(key) ?? `${prefix}${letter}${map.size}`
    map.set(key, name)
    return name
  }
  const slotOf = (a: string, b: string) => {
    const slot = slots.get(`${a}/${b}`) ?? slots.size
    slots.set(`${a}/${b}`, slot)
    return slot
  }

  function sqlOf(piece: Piece): string {
    const v = (name: string) => `:${prefix}${name}`
    switch (piece.kind) {
      case 'text':
        // An empty one cannot be given with -D.
        return piece.text === '' ? "''" : `:${named(constants, 'c', piece.text)}`
      case 'agency':
      case 'person':
        return v(piece.kind)
      case 'property':
        return sqlIds.property(`${v('a')}::bigint`, `${v('p')}::bigint`)
      case 'booking':
        return sqlIds.booking(`${v('a')}::bigint`, `${v('p')}::bigint`, `${v('stay')}::bigint`)
      case 'day':
        return `(${options.day.replaceAll(/:(\w+)/g, `:${prefix}$1::int`)} + ${piece.later})`
      case 'new id':
        return uuidAt(`1800000000000 + ${v('n')}::bigint`, `${v('n')}::bigint`, `${piece.slot}`.padStart(3, '0'))
      case 'chance':
        return chanceLike(piece.like, `'${piece.slot}/' || ${v('n')}::text`)
    }
  }

  /** What depends on the agency alone is put together once for all its transactions, as the service's claims are. */
  function parameter(pieces: readonly Piece[], type: string): string {
    const [only] = pieces
    if (pieces.length === 1 && only !== undefined) return `${sqlOf(only)}::${type}`
    const whole = pieces.map((piece) => `${sqlOf(piece)}::text`).join(' || ')
    const is_settled = pieces.every(({ kind }) => kind === 'text' || kind === 'agency' || kind === 'person')
    return is_settled ? `:${named(settled, 's', whole)}::${type}` : `(${whole})::${type}`
  }

  function statement(a: Statement, b: Statement | undefined): string {
    if (b === undefined || a.text !== b.text) throw new Error(`two requests sent different statements: ${a.text}`)
    const fixed = withoutVariables(a.text)
    const types = a.values.length === 0 ? [] : options.typesOf(a.text)
    const sql = a.values.map((value, n) => {
      const type = castable(types[n] ?? 'text')
      const other = b.values[n]
      if (value === null && other === null) return `null::${type}`
      if (value === null || other === null || other === undefined) throw new Error(`null in one of two: ${a.text}`)
      return parameter(piecesOf(value, other, { first, second, slotOf }), type)
    })
    return `${fixed.trim().replaceAll(/\$(\d+)/g, (_, n) => sql[Number(n) - 1] ?? '')};`
  }

  const others = second.turns.flat()
  if (others.length !== first.turns.flat().length) throw new Error('two requests sent different numbers of statements')
  const lines = first.turns
    .flat()
    .flatMap((one, n) => [
      ...(isFirstOfTurn(first, n) && isFirstOfTurn(second, n) ? ['\\endpipeline', '\\startpipeline'] : []),
      statement(one, others[n]),
    ])
  const text = [...prelude(prefix, volume, settled), ...lines.slice(1), '\\endpipeline', ''].join('\n')
  return { text, constants: Object.fromEntries([...constants].map(([value, name]) => [name, value])) }
}

/**
 * Whether the service waited for an answer before its n-th statement. What it sent in two writes one after the other
 * looks like that when the server was quick, so it has to look like that in both requests.
 */
function isFirstOfTurn({ turns }: Heard, n: number): boolean {
  const starts = turns.map((_, turn) => turns.slice(0, turn).flat().length)
  return starts.includes(n)
}

/** pgbench sees a variable in every `:name`, also inside quotes: there the colon is written in another way. */
function withoutVariables(text: string): string {
  const variable = /(?<!:):[A-Za-z_]/
  const fixed = text.replaceAll(/'(?:[^']|'')*'/g, (quoted) =>
    variable.test(quoted) ? `E${quoted.replaceAll('\\', '\\\\').replaceAll(':', '\\x3a')}` : quoted,
  )
  if (variable.test(fixed)) throw new Error(`pgbench would see a variable in: ${text}`)
  return fixed
}

/** A cast to `character` would cut everything behind the first letter. */
const castable = (type: string) => (type === 'character' ? 'bpchar' : type)

/**
 * A client stays with an agency for one transaction on each of its homes, all for the same night, then takes the next
 * block: so no two transactions want the same nights, and what belongs to the agency is asked for once in a block.
 */
function prelude(prefix: string, { agencies, properties, bookings }: Volume, settled: Map<string, string>): string[] {
  const v = (name: string) => `:${prefix}${name}`
  const columns = [`${sqlIds.agency(`${v('a')}::bigint`)} as agency`, `${sqlIds.user(`${v('a')}::bigint`)} as person`]
  const whole = [...settled].map(([sql, name]) => `${sql} as ${name.slice(prefix.length)}`)
  return [
    `\\set ${prefix}k ${v('k')} + 1`,
    `\\set ${prefix}p ${v('k')} % ${properties} + 1`,
    `\\set ${prefix}block ${v('first')} + :client_id + :clients * (${v('k')} / ${properties})`,
    `\\set ${prefix}a ${v('block')} % ${agencies} + 1`,
    `\\set ${prefix}night ${v('block')} / ${agencies}`,
    `\\set ${prefix}n ${v('block')} * ${properties} + ${v('p')}`,
    `\\set ${prefix}stay random(1, ${bookings})`,
    `\\set ${prefix}any random(0, 299)`,
    `\\if ${v('p')} = 1`,
    `select ${columns.join(', ')} \\gset ${prefix}`,
    ...(whole.length === 0 ? [] : [`select ${whole.join(', ')} \\gset ${prefix}`]),
    '\\endif',
  ]
}

/** SQL for a text of the same length, in small letters where that one has no capitals: e-mail addresses. */
function chanceLike(text: string, seed: string): string {
  const made = `rpad(md5(${seed}), ${text.length}, 'f')`
  return text === text.toLowerCase() ? made : `upper(${made})`
}

interface Explaining {
  readonly first: Heard
  readonly second: Heard
  readonly slotOf: (a: string, b: string) => number
}

/** Ids, dates, times, references: words. What stands between them (quotes, slashes, brackets) has to be the same. */
const word = /([0-9A-Za-z][0-9A-Za-z_:.+-]*)/
const id = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/
const time = /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-][\d:]+)$/
const date = /^\d{4}-\d\d-\d\d$/

function piecesOf(value: string | Buffer, other: string | Buffer, explaining: Explaining): Piece[] {
  if (typeof value !== 'string') return [{ kind: 'text', text: `\\x${value.toString('hex')}` }]
  const [ours, theirs] = [value.split(word), String(other).split(word)]
  if (ours.length !== theirs.length) throw new Error(`values of different forms: ${value} and ${other}`)
  const pieces: Piece[] = []
  for (const [n, a] of ours.entries()) {
    const piece = pieceOf(a, theirs[n] ?? '', explaining)
    const last = pieces.at(-1)
    if (piece.kind !== 'text' || last?.kind !== 'text') pieces.push(piece)
    else pieces[pieces.length - 1] = { kind: 'text', text: last.text + piece.text }
  }
  return pieces.length === 1 ? pieces : pieces.filter((piece) => piece.kind !== 'text' || piece.text !== '')
}

function pieceOf(a: string, b: string, { first, second, slotOf }: Explaining): Piece {
  if (a === b) return { kind: 'text', text: a }
  for (const kind of ['agency', 'person', 'property', 'booking'] as const) {
    if (a === first[kind] && b === second[kind]) return { kind }
  }
  if (date.test(a) && date.test(b)) {
    const later = daysBetween(first.day, a)
    if (later !== daysBetween(second.day, b)) throw new Error(`${a} and ${b} are no dates of the requests`)
    return { kind: 'day', later }
  }
  // The moment of the request: any will do.
  if (time.test(a) && time.test(b)) return { kind: 'text', text: a }
  if (id.test(a) && id.test(b)) return { kind: 'new id', slot: slotOf(a, b) }
  if (a.length !== b.length) throw new Error(`${a} and ${b} cannot be told from each other's request`)
  return { kind: 'chance', slot: slotOf(a, b), like: a }
}

const daysBetween = (from: string, to: string) => Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000)
