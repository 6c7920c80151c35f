// HEAD answers as GET does, without the body: for what is there, what is not, and who may not.
import type { Provoked, Scene } from './scene.ts'

/** Headers that must be the same. */
const same_headers = ['content-type', 'content-length', 'www-authenticate', 'allow']

interface Pair {
  readonly what: string
  send(method: 'GET' | 'HEAD'): Promise<Provoked>
}

/** One line for each address where HEAD and GET differ, and how many addresses were asked. */
export async function headParity(scene: Scene): Promise<{ asked: number; problems: string[] }> {
  const pairs = pairsOf(scene)
  const problems: string[] = []
  for (const { what, send } of pairs) {
    const [got, head] = [await send('GET'), await send('HEAD')]
    problems.push(...differences(got, head).map((difference) => `HEAD ${what}: ${difference}`))
  }
  return { asked: pairs.length, problems }
}

function pairsOf({ anonymous, reader }: Scene): Pair[] {
  const pair = (what: string, caller = anonymous): Pair => ({ what, send: (method) => caller.request(method, what) })
  const open = [pair('/health/live'), pair('castles'), pair('properties')]
  if (reader === undefined) return open
  const absent = 'properties/00000000-0000-7000-8000-000000000000'
  return [...open, ...['me', absent, 'properties?cursor=made.up'].map((path) => pair(path, reader))]
}

function differences(got: Provoked, head: Provoked): string[] {
  const unlike = same_headers.filter((name) => got.headers[name] !== head.headers[name])
  return [
    ...(head.status === got.status ? [] : [`status ${head.status} instead of ${got.status}`]),
    ...unlike.map((name) => `${name} ${head.headers[name]} instead of ${got.headers[name]}`),
    ...(head.text === '' ? [] : ['has a body']),
    ...(head.headers['x-request-id'] === undefined ? ['no x-request-id'] : []),
  ]
}
