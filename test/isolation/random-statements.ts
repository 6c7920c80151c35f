// Random statements over three tenant tables (agency_id, id, ref), with and without filters.

interface Random {
  int(below: number): number
  chance(percent: number): boolean
  pick<T>(items: readonly T[]): T
  name(prefix: string): string
}

/** What a part of a statement can refer to. */
interface Context {
  readonly random: Random
  readonly outer: readonly string[]
  readonly ctes: readonly string[]
  readonly depth: number
}

export interface RandomStatement {
  readonly text: string
  readonly is_change: boolean
}

export const sampleTables = ['properties', 'bookings', 'guests'] as const

/** The same statement for the same seed. Its one parameter is the agency. */
export function randomStatement(seed: number): RandomStatement {
  const context: Context = { random: randomFrom(seed), outer: [], ctes: [], depth: 0 }
  const is_change = context.random.chance(25)
  return { text: is_change ? change(context) : query(context), is_change }
}

function randomFrom(seed: number): Random {
  let state = seed * 2654435761
  let names = 0
  // mulberry32
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
  return {
    int: (below) => Math.floor(next() * below),
    chance: (percent) => next() * 100 < percent,
    pick: (items) => items[Math.floor(next() * items.length)] as (typeof items)[number],
    name: (prefix) => `${prefix}${names++}`,
  }
}

/** A query of three columns with the names of a table's columns. */
function query(context: Context): string {
  const { random } = context
  if (context.depth < 2 && random.chance(25)) return withQuery(context)
  if (context.depth < 2 && random.chance(12)) {
    const arms = [query({ ...context, depth: 2 }), query({ ...context, depth: 2 })]
    return arms.join(` ${random.pick(['union', 'union all', 'except', 'intersect'])} `)
  }
  const from = sources(context)
  const where = `where ${conditions(context, from.aliases)}`
  if (random.chance(15)) return `select x.* from (select ${columns(random, from.aliases)} from ${from.text} ${where}) x`
  return `select ${columns(random, from.aliases)} from ${from.text} ${where}`
}

function withQuery(context: Context): string {
  const { random } = context
  const name = random.chance(15) ? random.pick(sampleTables) : random.name('c')
  const inner = { ...context, outer: [], depth: context.depth + 1 }
  const outside = { ...context, ctes: [...context.ctes, name], depth: context.depth + 1 }
  if (random.chance(30)) {
    const step = sources({ ...inner, depth: 2 })
    const body = `select ${columns(random, [...step.aliases, 'r'])} from ${name} r join ${step.text}
      on ${conditions(inner, [...step.aliases, 'r'])}`
    return `with recursive ${name} as ((${query({ ...inner, depth: 2 })}) union ${body}) select * from (${query(outside)}) y`
  }
  return `with ${name} as (${query(inner)}) select * from (${query(outside)}) y`
}

function columns(random: Random, aliases: readonly string[]): string {
  const key = random.chance(90) ? 'agency_id' : 'ref'
  return `${random.pick(aliases)}.${key} as agency_id, ${random.pick(aliases)}.id, ${random.pick(aliases)}.ref`
}

function sources(context: Context): { text: string; aliases: string[] } {
  const { random } = context
  let left = source(context, [])
  for (let more = random.int(3); more > 0; more--) {
    const right = source(context, left.aliases)
    const aliases = [...left.aliases, ...right.aliases]
    const side = random.pick(['join', 'join', 'left join', 'left join', 'right join', 'full join'])
    const on = random.chance(15)
      ? `using (${random.pick(['agency_id', 'agency_id, id', 'id, agency_id'])})`
      : `on ${conditions({ ...context, depth: context.depth + 1 }, aliases)}`
    const flipped = random.chance(25) && !right.is_lateral
    const [one, other] = flipped ? [right, left] : [left, right]
    const nested = other.aliases.length > 1 ? `(${other.text})` : other.text
    left = { text: `${one.text} ${side} ${nested} ${on}`, aliases, is_lateral: right.is_lateral || left.is_lateral }
  }
  return left
}

function source(context: Context, before: readonly string[]) {
  const { random, ctes, outer, depth } = context
  const alias = random.name('t')
  const is_lateral = before.length > 0 && random.chance(15)
  const table = {
    text: `${random.pick(random.chance(60) ? [...sampleTables, ...ctes] : sampleTables)} ${alias}`,
    aliases: [alias],
  }
  if (depth >= 2 || !random.chance(is_lateral ? 90 : 15)) return { ...table, is_lateral: false }
  const inner = { ...context, outer: is_lateral ? [...outer, ...before] : outer, depth: depth + 1 }
  return { text: `${is_lateral ? 'lateral ' : ''}(${query(inner)}) ${alias}`, aliases: [alias], is_lateral }
}

function conditions(context: Context, aliases: readonly string[]): string {
  const { random } = context
  const atoms = Array.from({ length: random.pick([0, 1, 1, 2]) }, () => atom(context, aliases))
  // Filters most of the time: otherwise hardly any statement would pass.
  for (const alias of aliases) {
    if (random.chance(60)) atoms.push(`${alias}.agency_id = $1::int`)
    else if (random.chance(70))
      atoms.push(`${alias}.agency_id = ${random.pick([...aliases, ...context.outer])}.agency_id`)
  }
  return atoms.length > 0 ? atoms.join(' and ') : 'true'
}

function atom(context: Context, aliases: readonly string[]): string {
  const { random, outer, depth } = context
  const one = random.pick(aliases)
  const other = random.pick([...aliases, ...outer])
  const inner = { ...context, outer: [...outer, ...aliases], depth: depth + 1 }
  const subquery = () => query(depth >= 2 ? { ...inner, depth: 3 } : inner)
  switch (random.int(depth >= 3 ? 7 : 11)) {
    case 0:
      return `${one}.agency_id = ${other}.agency_id`
    case 1:
      return `(${one}.agency_id, ${one}.id) = (${other}.agency_id, ${other}.ref)`
    case 2:
      return `(${one}.agency_id = $1::int or ${one}.id = ${other}.ref)`
    case 3:
      return `${one}.agency_id <> $1::int`
    case 4:
      if (aliases.length > 1 && random.chance(80)) return `${one}.agency_id = $1::int`
      return random.pick(['agency_id = $1::int', `agency_id = ${other}.agency_id`, `${one}.agency_id = agency_id`])
    case 5:
      return `${one}.agency_id = ${other}.${random.pick(['id', 'ref'])}`
    case 6:
      return `${one}.ref = ${other}.id`
    case 7:
      return `${random.pick(['', 'not '])}exists (${subquery()})`
    case 8:
      return `(${one}.agency_id, ${one}.id, ${one}.ref) in (${subquery()})`
    case 9:
      return `${one}.agency_id = (select s.agency_id from (${subquery()}) s order by 1 limit 1)`
    default:
      return `${one}.id <= (select count(*) from (${subquery()}) s)`
  }
}

function change(context: Context): string {
  const { random } = context
  const target = random.name('t')
  const from = sources({ ...context, depth: 1 })
  const where = conditions({ ...context, depth: 1 }, [target, ...from.aliases])
  const table = random.pick(sampleTables)
  if (random.chance(40)) return `delete from ${table} ${target} using ${from.text} where ${where}`
  if (random.chance(40)) {
    return `insert into ${table} (agency_id, id, ref) select q.agency_id, q.id + 100, q.ref from (${query(context)}) q`
  }
  return `update ${table} ${target} set ref = ${target}.ref + 10 from ${from.text} where ${where}`
}
