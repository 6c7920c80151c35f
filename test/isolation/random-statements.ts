// Random statements over three tenant tables (agency_id, id, ref): joins, subqueries, WITH, unions, changes; some filtered, some not.

interface Dice {
  int(below: number): number
  chance(percent: number): boolean
  pick<T>(items: readonly T[]): T
  name(prefix: string): string
}

/** What a piece of a statement may refer to. */
interface Context {
  readonly dice: Dice
  readonly outer: readonly string[]
  readonly ctes: readonly string[]
  readonly depth: number
}

export interface RandomStatement {
  readonly text: string
  readonly is_change: boolean
}

export const sampleTables = ['properties', 'bookings', 'guests'] as const

/** The same statement for the same seed; its one parameter is the agency. */
export function randomStatement(seed: number): RandomStatement {
  const context: Context = { dice: diceFrom(seed), outer: [], ctes: [], depth: 0 }
  const is_change = context.dice.chance(25)
  return { text: is_change ? change(context) : query(context), is_change }
}

function diceFrom(seed: number): Dice {
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

/** A query of three columns, named like those of a table. */
function query(context: Context): string {
  const { dice } = context
  if (context.depth < 2 && dice.chance(25)) return withQuery(context)
  if (context.depth < 2 && dice.chance(12)) {
    const arms = [query({ ...context, depth: 2 }), query({ ...context, depth: 2 })]
    return arms.join(` ${dice.pick(['union', 'union all', 'except', 'intersect'])} `)
  }
  const from = sources(context)
  const where = `where ${conditions(context, from.aliases)}`
  if (dice.chance(15)) return `select x.* from (select ${columns(dice, from.aliases)} from ${from.text} ${where}) x`
  return `select ${columns(dice, from.aliases)} from ${from.text} ${where}`
}

function withQuery(context: Context): string {
  const { dice } = context
  const name = dice.chance(15) ? dice.pick(sampleTables) : dice.name('c')
  const inner = { ...context, outer: [], depth: context.depth + 1 }
  const outside = { ...context, ctes: [...context.ctes, name], depth: context.depth + 1 }
  if (dice.chance(30)) {
    const step = sources({ ...inner, depth: 2 })
    const body = `select ${columns(dice, [...step.aliases, 'r'])} from ${name} r join ${step.text}
      on ${conditions(inner, [...step.aliases, 'r'])}`
    return `with recursive ${name} as ((${query({ ...inner, depth: 2 })}) union ${body}) select * from (${query(outside)}) y`
  }
  return `with ${name} as (${query(inner)}) select * from (${query(outside)}) y`
}

function columns(dice: Dice, aliases: readonly string[]): string {
  const key = dice.chance(90) ? 'agency_id' : 'ref'
  return `${dice.pick(aliases)}.${key} as agency_id, ${dice.pick(aliases)}.id, ${dice.pick(aliases)}.ref`
}

function sources(context: Context): { text: string; aliases: string[] } {
  const { dice } = context
  let left = source(context, [])
  for (let more = dice.int(3); more > 0; more--) {
    const right = source(context, left.aliases)
    const aliases = [...left.aliases, ...right.aliases]
    const side = dice.pick(['join', 'join', 'left join', 'left join', 'right join', 'full join'])
    const on = dice.chance(15)
      ? `using (${dice.pick(['agency_id', 'agency_id, id', 'id, agency_id'])})`
      : `on ${conditions({ ...context, depth: context.depth + 1 }, aliases)}`
    const flipped = dice.chance(25) && !right.is_lateral
    const [one, other] = flipped ? [right, left] : [left, right]
    const nested = other.aliases.length > 1 ? `(${other.text})` : other.text
    left = { text: `${one.text} ${side} ${nested} ${on}`, aliases, is_lateral: right.is_lateral || left.is_lateral }
  }
  return left
}

function source(context: Context, before: readonly string[]) {
  const { dice, ctes, outer, depth } = context
  const alias = dice.name('t')
  const is_lateral = before.length > 0 && dice.chance(15)
  const table = {
    text: `${dice.pick(dice.chance(60) ? [...sampleTables, ...ctes] : sampleTables)} ${alias}`,
    aliases: [alias],
  }
  if (depth >= 2 || !dice.chance(is_lateral ? 90 : 15)) return { ...table, is_lateral: false }
  const inner = { ...context, outer: is_lateral ? [...outer, ...before] : outer, depth: depth + 1 }
  return { text: `${is_lateral ? 'lateral ' : ''}(${query(inner)}) ${alias}`, aliases: [alias], is_lateral }
}

function conditions(context: Context, aliases: readonly string[]): string {
  const { dice } = context
  const atoms = Array.from({ length: dice.pick([0, 1, 1, 2]) }, () => atom(context, aliases))
  // Mostly do what a careful author does, or hardly any statement would pass.
  for (const alias of aliases) {
    if (dice.chance(60)) atoms.push(`${alias}.agency_id = $1::int`)
    else if (dice.chance(70)) atoms.push(`${alias}.agency_id = ${dice.pick([...aliases, ...context.outer])}.agency_id`)
  }
  return atoms.length > 0 ? atoms.join(' and ') : 'true'
}

function atom(context: Context, aliases: readonly string[]): string {
  const { dice, outer, depth } = context
  const one = dice.pick(aliases)
  const other = dice.pick([...aliases, ...outer])
  const inner = { ...context, outer: [...outer, ...aliases], depth: depth + 1 }
  const subquery = () => query(depth >= 2 ? { ...inner, depth: 3 } : inner)
  switch (dice.int(depth >= 3 ? 7 : 11)) {
    case 0:
      return `${one}.agency_id = ${other}.agency_id`
    case 1:
      return `(${one}.agency_id, ${one}.id) = (${other}.agency_id, ${other}.ref)`
    case 2:
      return `(${one}.agency_id = $1::int or ${one}.id = ${other}.ref)`
    case 3:
      return `${one}.agency_id <> $1::int`
    case 4:
      if (aliases.length > 1 && dice.chance(80)) return `${one}.agency_id = $1::int`
      return dice.pick(['agency_id = $1::int', `agency_id = ${other}.agency_id`, `${one}.agency_id = agency_id`])
    case 5:
      return `${one}.agency_id = ${other}.${dice.pick(['id', 'ref'])}`
    case 6:
      return `${one}.ref = ${other}.id`
    case 7:
      return `${dice.pick(['', 'not '])}exists (${subquery()})`
    case 8:
      return `(${one}.agency_id, ${one}.id, ${one}.ref) in (${subquery()})`
    case 9:
      return `${one}.agency_id = (select s.agency_id from (${subquery()}) s order by 1 limit 1)`
    default:
      return `${one}.id <= (select count(*) from (${subquery()}) s)`
  }
}

function change(context: Context): string {
  const { dice } = context
  const target = dice.name('t')
  const from = sources({ ...context, depth: 1 })
  const where = conditions({ ...context, depth: 1 }, [target, ...from.aliases])
  const table = dice.pick(sampleTables)
  if (dice.chance(40)) return `delete from ${table} ${target} using ${from.text} where ${where}`
  if (dice.chance(40)) {
    return `insert into ${table} (agency_id, id, ref) select q.agency_id, q.id + 100, q.ref from (${query(context)}) q`
  }
  return `update ${table} ${target} set ref = ${target}.ref + 10 from ${from.text} where ${where}`
}
