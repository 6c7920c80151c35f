// S14: generated valid and invalid requests; every answer must conform to the OpenAPI document.
//
// SEED=… repeats a run. A request with a wrong answer is printed as a curl command.
import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { castProperties, north, players } from '../../../test/cast.ts'
import type { Answer, Sender } from '../../../test/sender.ts'
import { fillBoth, ofNorth, ofSouth } from '../../../test/two-agencies.ts'
import { seedFromEnv } from '../random.ts'
import { atLeast, exactly, info, type Scenario, type Size } from '../scenario.ts'
import { type Target, withTarget } from '../target.ts'
import { checkAnswer, isValid } from './answer-checks.ts'
import { fetchOperations, type Operation } from './document.ts'
import { asCurl, type FilledRequest, fill, type Ids } from './filled-request.ts'
import { type CallerName, callers, drafts, kindOf } from './requests.ts'

export const fuzz: Scenario = {
  id: 'S14',
  title: 'Valid and invalid requests generated from the OpenAPI document',
  seconds: { full: 40, quick: 10 },
  run: (size) => withTarget((target) => runFuzzer(target, size)),
}

interface Run {
  readonly target: Target
  readonly senders: Readonly<Record<CallerName, Sender>>
  readonly operations: readonly Operation[]
  readonly ids: Ids
  readonly deleted: Set<string>
  readonly violations: string[]
  readonly succeeded: Set<string>
  valid: number
  invalid: number
}

async function runFuzzer(target: Target, size: Size) {
  const seed = seedFromEnv()
  const run = await createRun(target)
  const numRuns = size === 'full' ? 10_000 : 1000
  for (const draft of fc.sample(drafts(run.operations), { seed, numRuns })) await sendRequest(run, fill(draft, run.ids))
  for (const violation of run.violations.slice(0, 20)) process.stderr.write(`S14, SEED=${seed}: ${violation}\n`)
  return [
    exactly('wrong answers', run.violations.length, 0),
    atLeast('valid requests', run.valid, numRuns * 0.2),
    atLeast('invalid requests', run.invalid, numRuns * 0.2),
    atLeast('operations that succeeded', run.succeeded.size, run.operations.length * (size === 'full' ? 0.85 : 0.5)),
    info('operations', run.operations.length),
    info('seed', seed),
  ]
}

async function createRun(target: Target): Promise<Run> {
  await fillBoth(target)
  const names = callers.filter((name) => name !== 'anonymous').map((name) => [name, target.as(name)])
  return {
    target,
    senders: Object.fromEntries([...names, ['anonymous', target.as(undefined)]]),
    operations: await fetchOperations(target.as('admin')),
    ids: await knownIds(target),
    deleted: new Set(),
    violations: [],
    succeeded: new Set(),
    valid: 0,
    invalid: 0,
  }
}

/** Ids of both agencies. Callers are excluded: a changed role of a caller would invalidate the expected statuses. */
async function knownIds({ rows }: Target): Promise<Ids> {
  const members = [randomUUID(), randomUUID(), randomUUID()]
  for (const id of members) {
    await rows(
      `insert into users (id, email, full_name, email_proven_at, email_proven_by)
       values ($1::uuid, $1 || '@example.com', 'Extra', now(), 'operator')`,
      [id],
    )
    await rows(`insert into team_members (agency_id, id, user_id, role) values ($1, gen_random_uuid(), $2, 'owner')`, [
      north,
      id,
    ])
  }
  const both = (name: 'booking_id' | 'guest_id') => [ofNorth[name], ofSouth[name]]
  return new Map([
    ['properties', Object.values(castProperties).map(({ id }) => id)],
    ['bookings', both('booking_id')],
    ['guests', both('guest_id')],
    ['blocks', both('booking_id')],
    ['holds', both('booking_id')],
    ['invitations', both('booking_id')],
    ['token', []],
    ['refresh_token', []],
    ['team', [...members, players.outsider.user_id]],
  ])
}

async function sendRequest(run: Run, request: FilledRequest): Promise<void> {
  const { operation } = request.draft
  const answer = await run.senders[request.caller].send(operation.method, request.url, request.body)
  for (const violation of checkAnswer(request, answer, run.deleted)) report(run, request, answer, violation)
  if (isDecodableAndValid(request)) run.valid += 1
  else run.invalid += 1
  if (answer.status >= 300) return
  run.succeeded.add(operation.name)
  if (operation.method === 'POST') rememberId(run, operation, answer)
  if (operation.method === 'DELETE') await checkDeleted(run, request)
}

function isDecodableAndValid(request: FilledRequest): boolean {
  try {
    return isValid(request)
  } catch {
    return false
  }
}

function report(run: Run, request: FilledRequest, { status, text }: Answer, violation: string): void {
  run.violations.push(`${violation}\n  ${asCurl(request, run.target.api.port)}\n  ${status} ${text.slice(0, 300)}`)
}

/** Remembers the newest 16 ids of each collection for later requests. */
function rememberId({ ids }: Run, operation: Operation, { status, body }: Answer): void {
  for (const name of ['token', 'refresh_token']) {
    if (typeof body[name] === 'string') ids.get(name)?.push(body[name])
  }
  const kind = operation.path.endsWith('/booking') ? 'bookings' : kindOf(operation)
  const made = kind === 'team' ? 'invitations' : kind
  const known = ids.get(made)
  if (status !== 201 || typeof body.id !== 'string' || known === undefined) return
  known.push(body.id)
  if (known.length > 16) known.shift()
}

/** A deleted resource must answer 404. Released holds and removed members stay readable, as documented. */
async function checkDeleted(run: Run, request: FilledRequest): Promise<void> {
  const { path } = request.draft.operation
  if (path.includes('/holds/') || path.includes('/team/{id}')) return
  run.deleted.add(request.url)
  if (!run.operations.some(({ name }) => name === `GET ${path}`)) return
  const answer = await run.senders[request.caller].send('GET', request.url)
  if (answer.status !== 404) report(run, request, answer, 'found a resource that was just deleted')
}
