// Looks for marks in everything the service keeps or says: tables, statistics, answers, cursors, replays.
import type { Operation } from './document.ts'
import type { Mark } from './marks.ts'
import { type Answered, type Caller, everyItem, queryFor, type Story, type World } from './story.ts'

/** A mark, and where it still is: `table holds`, `GET /bookings as owner`, `replay of POST /guests`. */
export interface Find {
  readonly place: string
  readonly field: string
}

export interface Places {
  /** Notes which of the wanted marks are in the text. */
  look(place: string, text: string): void
  readonly finds: readonly Find[]
}

export function placesFor(story: Story): Places {
  const wanted = new Set(story.guestMarks())
  const finds: Find[] = []
  return {
    finds,
    look(place, text) {
      const found = new Set(story.marks.foundIn(text).filter((mark: Mark) => wanted.has(mark)))
      for (const { field } of found) finds.push({ place, field })
    },
  }
}

/** Every row of every table but the server's own, as text, binary columns in clear; and what the planner keeps of the rows. */
export async function lookIntoTables(world: World, { look }: Places): Promise<number> {
  const columns = await world.rows(`
    select format('%I.%I', table_schema, table_name) as name,
      string_agg(case when data_type = 'bytea' then format('encode(%I, ''escape'')', column_name)
        else format('%I::text', column_name) end, ', ') as columns
    from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
    where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')
    group by 1 order by 1`)
  for (const { name, columns: list } of columns) {
    const rows = await world.rows(`select concat_ws(' ', ${list}) as text from ${name}`)
    for (const { text } of rows) look(`table ${name}`, String(text))
  }
  const kept = await world.rows(`
    select schemaname || '.' || tablename || '.' || attname as name,
      concat_ws(' ', most_common_vals::text, histogram_bounds::text) as text
    from pg_stats where schemaname not in ('pg_catalog', 'information_schema')`)
  for (const { name, text } of kept) look(`statistics of ${name}`, String(text))
  return columns.length
}

const callers: readonly Caller[] = ['admin', 'manager', 'staff', 'owner', 'accountant']

/** Every GET of the document in every role, each for every record there is. Returns how many were answered with 200. */
export async function lookAtAnswers(story: Story, { look }: Places): Promise<number> {
  const { operations, world } = story
  let answered = 0
  for (const operation of operations.filter(({ method }) => method === 'GET')) {
    const query = queryFor(operation, 'limit' in operation.query ? { limit: '100' } : {})
    for (const path of await pathsOf(story, operation)) {
      const answers = await Promise.all(callers.map((who) => world.ask(who, 'GET', `${path}?${query}`)))
      answered += answers.filter(({ status }) => status === 200).length
      for (const [i, answer] of answers.entries()) look(`${operation.name} as ${callers[i]}`, wholeOf(answer))
    }
  }
  return answered
}

/** More than a story makes: what was there before it is looked at in part only. */
const most_records = 40

/** The path itself, or with the id of each of the newest records in its place. */
async function pathsOf({ world }: Story, { path }: Operation): Promise<string[]> {
  const collection = /^\/api\/v1\/(.+)\/\{id\}/.exec(path)?.[1]
  if (collection === undefined) return [path]
  const ids = (await everyItem(world, collection)).map(({ id }) => String(id))
  // Ids begin with the time at which they were made.
  return ids
    .sort()
    .slice(-most_records)
    .map((id) => path.replace('{id}', id))
}

/** The cursors of every list, one row to a page; they become part of URLs. Returns how many there were. */
export async function lookIntoCursors(story: Story, { look }: Places): Promise<number> {
  const { operations, world } = story
  let seen = 0
  for (const operation of operations.filter(({ query, path }) => 'cursor' in query && !path.includes('{'))) {
    for (let [cursor, page] = ['', 0]; page < most_records; page += 1, seen += 1) {
      const query = queryFor(operation, { limit: '1', ...(cursor && { cursor }) })
      const { body, status } = await world.ask('admin', 'GET', `${operation.path}?${query}`)
      if (status !== 200 || body.next_cursor === null) break
      cursor = String(body.next_cursor)
      const decoded = cursor.split('.').map((part) => Buffer.from(part, 'base64url').toString('latin1'))
      look(`cursor of ${operation.name}`, `${cursor} ${decoded.join(' ')}`)
    }
  }
  return seen
}

/** Sends every keyed request again, with its key. Returns the answers, in order. */
export async function replayAll(story: Story, { look }: Places): Promise<Answered[]> {
  const answers: Answered[] = []
  for (const { operation, method, path, body, key } of story.sent) {
    const answer = await story.world.ask('admin', method, path, body, { 'idempotency-key': key })
    look(`replay of ${operation}`, wholeOf(answer))
    answers.push(answer)
  }
  return answers
}

const wholeOf = ({ text, headers }: Answered) => `${text} ${JSON.stringify(headers)}`
