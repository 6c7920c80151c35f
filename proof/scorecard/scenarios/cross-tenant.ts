// S16: ids of another agency, in any place of a request, are answered like ids that do not exist.
import { randomUUID } from 'node:crypto'
import { roles } from '../../../src/core/auth/permissions.ts'
import { south } from '../../../test/cast.ts'
import type { Answer, Sender } from '../../../test/sender.ts'
import { checksumOf, fillBoth, ofSouth } from '../../../test/two-agencies.ts'
import { fetchOperations, type Operation, type Schema } from '../fuzz/document.ts'
import { ownIdFor } from '../fuzz/requests.ts'
import { type Check, exactly, injected, type Scenario, type Size } from '../scenario.ts'
import { type Target, withTarget } from '../target.ts'
import { timing } from './timing.ts'

export const crossTenant: Scenario = {
  id: 'S16',
  title: 'Ids of another agency in every operation, by every role',
  seconds: { full: 60 },
  run: (size) => withTarget((target) => checkIsolation(target, size)),
}

/** Ids of the other agency. The fixtures use booking_id for a block, a hold and an invitation as well. */
const foreign_ids = [south, ofSouth.user_id, ofSouth.property_id, ofSouth.guest_id, ofSouth.booking_id]

/** Sends a request with the id in one place. */
type Send = (sender: Sender, id: string) => Promise<Answer>
interface Placement {
  readonly name: string
  readonly send: Send
}

async function checkIsolation(target: Target, size: Size): Promise<Check[]> {
  await fillBoth(target)
  const before = await checksumOf(target, south)
  // Authentication operations do not belong to an agency, and signing out would invalidate the token.
  const operations = (await fetchOperations(target.as(undefined))).filter(({ path }) => !path.includes('/auth/'))
  const placements = operations.flatMap(placementsOf)
  const pairs: Pair[] = []
  for (const role of roles) {
    const sender = target.as(role)
    for (const placement of placements) pairs.push(...(await pairsOf(placement, sender, role)))
  }
  const leaks = pairs.filter(({ foreign, absent }) => foreign !== absent)
  for (const { name, foreign, absent } of leaks.slice(0, 5)) {
    process.stderr.write(`S16: ${name}:\n  ${foreign.slice(0, 500)}\n  ${absent.slice(0, 500)}\n`)
  }
  const own_answer = await target.as('outsider').send('GET', `properties/${ofSouth.property_id}`)
  const after = await checksumOf(target, south)
  return [
    injected('places for an id', placements.length, 40),
    injected('requests with an id of the other agency', pairs.length, 1000),
    injected('property visible to the admin of the other agency', own_answer.status === 200 ? 1 : 0),
    exactly('answers 401, which would hide a leak', pairs.filter(({ foreign }) => foreign.startsWith('401')).length, 0),
    exactly('answers that differ from the answer to a random id', leaks.length, 0),
    exactly('rows of the other agency', after === before ? 'unchanged' : 'changed', 'unchanged'),
    ...(size === 'full' ? await timing(target) : []),
  ]
}

/** The answers to an id of the other agency and to an id that does not exist. */
interface Pair {
  readonly name: string
  readonly foreign: string
  readonly absent: string
}

async function pairsOf({ name, send }: Placement, sender: Sender, role: string): Promise<Pair[]> {
  const absent = await comparableAnswer(send, sender, randomUUID())
  const pairs: Pair[] = []
  for (const id of foreign_ids) {
    pairs.push({ name: `${name} as ${role} with ${id}`, foreign: await comparableAnswer(send, sender, id), absent })
  }
  return pairs
}

/** The answer without its varying parts (date, request id) and without the requested id. */
async function comparableAnswer(send: Send, sender: Sender, id: string): Promise<string> {
  const { status, headers, text } = await send(sender, id)
  const { date: _, 'x-request-id': __, ...stable } = headers
  const body = text.replace(/"request_id":"[^"]*",?/, '').replaceAll(id, '(id)')
  return `${status} ${body} ${JSON.stringify(stable)}`
}

function placementsOf(operation: Operation): Placement[] {
  const { method, path, name, query, params, required_query, example } = operation
  const own_path = path.replace('{id}', ownIdFor(operation))
  const placements: Placement[] = [
    {
      name: `${name}, x-agency-id`,
      send: (sender, id) => sender.send(method, path.replace('{id}', randomUUID()), example, { 'x-agency-id': id }),
    },
  ]
  if ('id' in params) {
    placements.push({
      name: `${name}, path`,
      send: (sender, id) => sender.send(method, path.replace('{id}', id), example),
    })
  }
  const sample: Record<string, string> = {
    from: '2030-01-01',
    to: '2030-02-01',
    check_in: '2030-01-01',
    check_out: '2030-01-03',
  }
  const required = required_query
    .filter((one) => one in sample)
    .map((one) => `&${one}=${sample[one]}`)
    .join('')
  for (const [parameter] of Object.entries(query).filter(([, schema]) => takesId(schema))) {
    placements.push({
      name: `${name}, ?${parameter}=`,
      send: (sender, id) => sender.send(method, `${own_path}?${parameter}=${id}${required}`),
    })
  }
  for (const [field] of Object.entries(operation.body?.properties ?? {}).filter(([, schema]) => takesId(schema))) {
    placements.push({
      name: `${name}, /${field}`,
      send: (sender, id) => sender.send(method, own_path, { ...example, [field]: id }),
    })
  }
  return placements
}

function takesId({ format, anyOf = [] }: Schema): boolean {
  return format === 'uuid' || anyOf.some(takesId)
}
