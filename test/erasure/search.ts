// Searches tables, statistics, responses, cursors and replays for planted values.
import type { Operation } from './document.ts'
import type { PlantedValue } from './planted-values.ts'
import {
  type Answered,
  type Caller,
  type ErasureScenario,
  everyItem,
  queryFor,
  type RunningService,
} from './scenario.ts'

/** A planted value that is still there. `place`: `table holds`, `GET /bookings as owner`, `replay of POST /guests`. */
export interface Finding {
  readonly place: string
  readonly field: string
}

export interface Search {
  /** Adds a finding for each value about a guest in the text. */
  inspect(place: string, text: string): void
  readonly findings: readonly Finding[]
}

export function createSearch(scenario: ErasureScenario): Search {
  const wanted = new Set(scenario.guestValues())
  const findings: Finding[] = []
  return {
    findings,
    inspect(place, text) {
      const found = new Set(scenario.planted.foundIn(text).filter((value: PlantedValue) => wanted.has(value)))
      for (const { field } of found) findings.push({ place, field })
    },
  }
}

/** Every row of every table outside the system schemas, as text, and the planner's statistics. Returns the number of tables. */
export async function searchTables(service: RunningService, search: Search): Promise<number> {
  const columns = await service.rows(`
    select format('%I.%I', table_schema, table_name) as name,
      string_agg(case when data_type = 'bytea' then format('encode(%I, ''escape'')', column_name)
        else format('%I::text', column_name) end, ', ') as columns
    from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
    where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')
    group by 1 order by 1`)
  for (const { name, columns: list } of columns) {
    const rows = await service.rows(`select concat_ws(' ', ${list}) as text from ${name}`)
    for (const { text } of rows) search.inspect(`table ${name}`, String(text))
  }
  const kept = await service.rows(`
    select schemaname || '.' || tablename || '.' || attname as name,
      concat_ws(' ', most_common_vals::text, histogram_bounds::text) as text
    from pg_stats where schemaname not in ('pg_catalog', 'information_schema')`)
  for (const { name, text } of kept) search.inspect(`statistics of ${name}`, String(text))
  return columns.length
}

const callers: readonly Caller[] = ['admin', 'manager', 'staff', 'owner', 'accountant']

/** Every GET operation in every role, for every record. Returns the number of responses with status 200. */
export async function searchResponses(scenario: ErasureScenario, search: Search): Promise<number> {
  const { operations, service } = scenario
  let answered = 0
  for (const operation of operations.filter(({ method }) => method === 'GET')) {
    const query = queryFor(operation, 'limit' in operation.query ? { limit: '100' } : {})
    for (const path of await pathsOf(scenario, operation)) {
      const answers = await Promise.all(callers.map((who) => service.ask(who, 'GET', `${path}?${query}`)))
      answered += answers.filter(({ status }) => status === 200).length
      for (const [i, answer] of answers.entries()) search.inspect(`${operation.name} as ${callers[i]}`, wholeOf(answer))
    }
  }
  return answered
}

/** More than the scenario creates. Older records are searched only in part. */
const most_records = 40

/** The path, or one path for each of the newest records when it has an id. */
async function pathsOf({ service }: ErasureScenario, { path }: Operation): Promise<string[]> {
  const collection = /^\/api\/v1\/(.+)\/\{id\}/.exec(path)?.[1]
  if (collection === undefined) return [path]
  const ids = (await everyItem(service, collection)).map(({ id }) => String(id))
  // UUIDv7: the ids sort by creation time.
  return ids
    .sort()
    .slice(-most_records)
    .map((id) => path.replace('{id}', id))
}

/** The cursors of every list, one row to a page: cursors become part of URLs. Returns the number of cursors. */
export async function searchCursors(scenario: ErasureScenario, search: Search): Promise<number> {
  const { operations, service } = scenario
  let seen = 0
  for (const operation of operations.filter(({ query, path }) => 'cursor' in query && !path.includes('{'))) {
    for (let [cursor, page] = ['', 0]; page < most_records; page += 1, seen += 1) {
      const query = queryFor(operation, { limit: '1', ...(cursor && { cursor }) })
      const { body, status } = await service.ask('admin', 'GET', `${operation.path}?${query}`)
      if (status !== 200 || body.next_cursor === null) break
      cursor = String(body.next_cursor)
      const decoded = cursor.split('.').map((part) => Buffer.from(part, 'base64url').toString('latin1'))
      search.inspect(`cursor of ${operation.name}`, `${cursor} ${decoded.join(' ')}`)
    }
  }
  return seen
}

/** Replays every request with its key. Returns the responses in order. */
export async function replayAll(scenario: ErasureScenario, search: Search): Promise<Answered[]> {
  const answers: Answered[] = []
  for (const { operation, method, path, body, key } of scenario.sent) {
    const answer = await scenario.service.ask('admin', method, path, body, { 'idempotency-key': key })
    search.inspect(`replay of ${operation}`, wholeOf(answer))
    answers.push(answer)
  }
  return answers
}

const wholeOf = ({ text, headers }: Answered) => `${text} ${JSON.stringify(headers)}`
