// Parses the rows of a statement: text values to JavaScript values, `guest.email` to a member of `guest`.

export type Row = Record<string, unknown>

/** A column, as the server describes it. */
export interface Field {
  readonly name: string
  readonly dataTypeID: number
}

interface Column {
  readonly name: string
  readonly parse: (text: string) => unknown
  /** A column `guest.email` is the member `email` of the object `guest`, which is null when all its members are null. */
  readonly parent?: { readonly name: string; readonly empty: Row }
}

/** A connection of pg. */
interface TypeParsers {
  getTypeParser(oid: number, format: 'text'): (text: string) => unknown
}

/** `empty` has every member, so that V8 uses one hidden class for all rows. */
export interface RowParser {
  readonly columns: readonly Column[]
  readonly empty: Row
}

export const no_columns: RowParser = { columns: [], empty: {} }

export function createRowParser(client: TypeParsers, fields: readonly Field[]): RowParser {
  const paths = fields.map(({ name }) => name.split('.', 2) as [string, string?])
  const parentOf = (outer: string) => {
    const members = paths.filter(([name, member]) => name === outer && member !== undefined)
    return { name: outer, empty: Object.fromEntries(members.map(([, member]) => [member, null])) }
  }
  const columns = fields.map(({ dataTypeID }, i): Column => {
    const parse = client.getTypeParser(dataTypeID, 'text')
    const [name, member] = paths[i] as [string, string?]
    return member === undefined ? { name, parse } : { name: member, parse, parent: parentOf(name) }
  })
  return { columns, empty: Object.fromEntries(paths.map(([name]) => [name, null])) }
}

export function parseRow({ columns, empty }: RowParser, values: readonly (string | null)[]): Row {
  const row = { ...empty }
  for (let i = 0; i < columns.length; i += 1) {
    const text = values[i]
    const column = columns[i]
    if (text === null || text === undefined || column === undefined) continue
    const { name, parse, parent } = column
    const target = parent === undefined ? row : ensureParent(row, parent)
    target[name] = parse(text)
  }
  return row
}

function ensureParent(row: Row, { name, empty }: NonNullable<Column['parent']>): Row {
  row[name] ??= { ...empty }
  return row[name] as Row
}
