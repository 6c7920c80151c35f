// S16: people of one agency ask for everything of another, by every operation and in every place an id can stand. What they
// are told is what somebody is told who names nothing; the other agency's rows stay as they were.
import { randomUUID } from 'node:crypto'
import { roles } from '../../../src/core/auth/permissions.ts'
import { south } from '../../../test/cast.ts'
import type { Answer, Sender } from '../../../test/sender.ts'
import { checksumOf, fillBoth, ofSouth } from '../../../test/two-agencies.ts'
import { type Operation, operationsAt, type Schema } from '../fuzz/document.ts'
import { ownIdFor } from '../fuzz/requests.ts'
import { type Check, exactly, fired, type Measure, type Size } from '../scenario.ts'
import { onTarget, type Target } from '../target.ts'
import { timing } from './timing.ts'

export const crossTenant: Measure = {
  id: 'S16',
  title: 'Everything of another agency, by every operation and role',
  seconds: { full: 60 },
  run: (size) => onTarget((target) => probed(target, size)),
}

/** What exists in the other agency, by what it is; a booking's id is that of its block, hold and invitation as well. */
const foreign = [south, ofSouth.user_id, ofSouth.property_id, ofSouth.guest_id, ofSouth.booking_id]

/** A request that holds an id in one place. */
type Probe = (sender: Sender, id: string) => Promise<Answer>
interface Place {
  readonly name: string
  readonly ask: Probe
}

async function probed(target: Target, size: Size): Promise<Check[]> {
  await fillBoth(target)
  const before = await checksumOf(target, south)
  // Signing in and out is no matter of agencies, and who has signed out asks nothing more.
  const operations = (await operationsAt(target.as(undefined))).filter(({ path }) => !path.includes('/auth/'))
  const probes = operations.flatMap(probesOf)
  const pairs: Pair[] = []
  for (const role of roles) {
    const sender = target.as(role)
    for (const probe of probes) pairs.push(...(await pairsOf(probe, sender, role)))
  }
  const leaks = pairs.filter(({ present, absent }) => present !== absent)
  for (const { name, present, absent } of leaks.slice(0, 5)) {
    process.stderr.write(`S16: ${name}:\n  ${present.slice(0, 500)}\n  ${absent.slice(0, 500)}\n`)
  }
  const seen = await target.as('outsider').send('GET', `properties/${ofSouth.property_id}`)
  const after = await checksumOf(target, south)
  return [
    fired('places an id can stand in', probes.length, 40),
    fired('requests with an id of the other agency', pairs.length, 1000),
    fired("the other agency's own admin sees the property", seen.status === 200 ? 1 : 0),
    exactly('answers 401, which prove nothing', pairs.filter(({ present }) => present.startsWith('401')).length, 0),
    exactly('answers that differ from those to a random id', leaks.length, 0),
    exactly('rows of the other agency', after === before ? 'unchanged' : 'changed', 'unchanged'),
    ...(size === 'full' ? await timing(target) : []),
  ]
}

/** What was told about an id of the other agency, and about one that nothing has. */
interface Pair {
  readonly name: string
  readonly present: string
  readonly absent: string
}

async function pairsOf({ name, ask }: Place, sender: Sender, role: string): Promise<Pair[]> {
  const absent = await told(ask, sender, randomUUID())
  const pairs: Pair[] = []
  for (const id of foreign) {
    pairs.push({ name: `${name} as ${role} with ${id}`, present: await told(ask, sender, id), absent })
  }
  return pairs
}

/** The answer without what is each time another, and without the id it was asked for. */
async function told(ask: Probe, sender: Sender, id: string): Promise<string> {
  const { status, headers, text } = await ask(sender, id)
  const { date: _, 'x-request-id': __, ...kept } = headers
  const body = text.replace(/"request_id":"[^"]*",?/, '').replaceAll(id, '(id)')
  return `${status} ${body} ${JSON.stringify(kept)}`
}

function probesOf(operation: Operation): Place[] {
  const { method, path, name, query, params, required_query, example } = operation
  const own_path = path.replace('{id}', ownIdFor(operation))
  const probes: Place[] = [
    {
      name: `${name}, x-agency-id`,
      ask: (sender, id) => sender.send(method, path.replace('{id}', randomUUID()), example, { 'x-agency-id': id }),
    },
  ]
  if ('id' in params) {
    probes.push({ name: `${name}, path`, ask: (sender, id) => sender.send(method, path.replace('{id}', id), example) })
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
  for (const [parameter] of Object.entries(query).filter(([, its]) => takesId(its))) {
    probes.push({
      name: `${name}, ?${parameter}=`,
      ask: (sender, id) => sender.send(method, `${own_path}?${parameter}=${id}${required}`),
    })
  }
  for (const [field] of Object.entries(operation.body?.properties ?? {}).filter(([, its]) => takesId(its))) {
    probes.push({
      name: `${name}, /${field}`,
      ask: (sender, id) => sender.send(method, own_path, { ...example, [field]: id }),
    })
  }
  return probes
}

function takesId({ format, anyOf = [] }: Schema): boolean {
  return format === 'uuid' || anyOf.some(takesId)
}
