// Compares HEAD with GET: the same status and headers, and no body.
import type { HttpReply } from './caller.ts'
import type { TestEnvironment } from './environment.ts'

const same_headers = ['content-type', 'content-length', 'www-authenticate', 'allow']

interface Pair {
  readonly path: string
  send(method: 'GET' | 'HEAD'): Promise<HttpReply>
}

/** One line for each difference, and the number of URLs requested. */
export async function headParity(environment: TestEnvironment): Promise<{ asked: number; problems: string[] }> {
  const pairs = pairsOf(environment)
  const problems: string[] = []
  for (const { path, send } of pairs) {
    const [get, head] = await comparable(send)
    problems.push(...differences(get, head).map((difference) => `HEAD ${path}: ${difference}`))
  }
  return { asked: pairs.length, problems }
}

/** Statuses that a busy service can give to one of two equal requests. */
const transient: readonly number[] = [408, 429, 503]
const max_attempts = 5

/** The replies to GET and HEAD; of the last attempt when each had one that is only a busy service's. */
async function comparable(send: Pair['send'], attempt = 1): Promise<[get: HttpReply, head: HttpReply]> {
  const replies: [HttpReply, HttpReply] = [await send('GET'), await send('HEAD')]
  const is_transient = replies.some(({ status }) => transient.includes(status))
  return is_transient && attempt < max_attempts ? comparable(send, attempt + 1) : replies
}

function pairsOf({ anonymous, reader }: TestEnvironment): Pair[] {
  const pair = (path: string, caller = anonymous): Pair => ({ path, send: (method) => caller.request(method, path) })
  const open = [pair('/health/live'), pair('castles'), pair('properties')]
  if (reader === undefined) return open
  const absent = 'properties/00000000-0000-7000-8000-000000000000'
  return [...open, ...['me', absent, 'properties?cursor=made.up'].map((path) => pair(path, reader))]
}

function differences(get: HttpReply, head: HttpReply): string[] {
  const unlike = same_headers.filter((name) => get.headers[name] !== head.headers[name])
  return [
    ...(head.status === get.status ? [] : [`status ${head.status} instead of ${get.status}`]),
    ...unlike.map((name) => `${name} ${head.headers[name]} instead of ${get.headers[name]}`),
    ...(head.text === '' ? [] : ['has a body']),
    ...(head.headers['x-request-id'] === undefined ? ['no x-request-id'] : []),
  ]
}
