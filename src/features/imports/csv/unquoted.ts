// Repairs rows of files that quote nothing, although their texts and amounts contain the delimiter.

/** What a column can hold: `text` and `amount` may contain the delimiter, other columns never do. */
export type Contents = 'text' | 'amount' | 'plain'

/** More surplus cells than this are not a few commas in a title. */
const max_surplus = 20

/**
 * The cells of a row that was split in too many places, one per column. Undefined when there is no way, or more than one, to
 * join them. A comma of a text is followed by a blank ("Sea, Sun"), that of an amount stands between digits ("€1,300.00"), a
 * delimiter is neither. Only when no row can be read so, texts may be joined anywhere.
 */
export function rejoin(
  pieces: readonly string[],
  columns: readonly Contents[],
  delimiter: string,
): string[] | undefined {
  const surplus = pieces.length - columns.length
  if (surplus < 1 || surplus > max_surplus) return undefined
  const strict = joinings(pieces, columns, canJoin)
  const found = strict.length > 0 ? strict : joinings(pieces, columns, canJoinTextAnywhere)
  const [only, second] = found
  if (only === undefined || second !== undefined) return undefined
  return only.map((length, column) => {
    const from = only.slice(0, column).reduce((sum, one) => sum + one, 0)
    return pieces.slice(from, from + length).join(delimiter)
  })
}

type Joinable = (contents: Contents, left: string, right: string) => boolean

const canJoin: Joinable = (contents, left, right) =>
  contents === 'text'
    ? /^\s/.test(right)
    : contents === 'amount' && /\d$/.test(left) && /^(\d{3}(?!\d)|\d{2}\D*$)/.test(right)

const canJoinTextAnywhere: Joinable = (contents, left, right) => contents === 'text' || canJoin(contents, left, right)

/** How many pieces each column takes. At most two ways, because a second one makes the row ambiguous. */
function joinings(pieces: readonly string[], columns: readonly Contents[], can_join: Joinable): number[][] {
  // By the number of pieces that the columns so far have taken.
  let ways = new Map<number, number[][]>([[0, [[]]]])
  for (const contents of columns) {
    const next = new Map<number, number[][]>()
    for (const [taken, lists] of ways) {
      for (const length of lengths(pieces.slice(taken, taken + max_surplus + 1), contents, can_join)) {
        const longer = lists.map((list) => [...list, length])
        next.set(taken + length, [...(next.get(taken + length) ?? []), ...longer].slice(0, 2))
      }
    }
    ways = next
  }
  return ways.get(pieces.length) ?? []
}

/** How many of the first pieces can be one cell: 1, and more while each can be joined to the one before. */
function lengths(pieces: readonly string[], contents: Contents, can_join: Joinable): number[] {
  const end = pieces.findIndex((piece, index) => index > 0 && !can_join(contents, pieces[index - 1] ?? '', piece))
  return Array.from({ length: end < 0 ? pieces.length : end }, (_, index) => index + 1)
}
