// S14: requests made of the OpenAPI document, right and wrong ones, by everybody: the answers are as it says, always.
//   SEED=… repeats a run; a request that was answered wrongly is printed as a line for a shell.
import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { castProperties, north, players } from '../../../test/cast.ts'
import type { Answer, Sender } from '../../../test/sender.ts'
import { fillBoth, ofNorth, ofSouth } from '../../../test/two-agencies.ts'
import { atLeast, exactly, type Measure, type Size, told } from '../scenario.ts'
import { onTarget, type Target } from '../target.ts'
import { type Operation, operationsAt } from './document.ts'
import { isValid, judge } from './judge.ts'
import { type CallerName, callers, drafts, kindOf } from './requests.ts'
import { asCurl, fill, type Ids, type Sent } from './sent.ts'

export const fuzz: Measure = {
  id: 'S14',
  title: 'Requests made of the OpenAPI document, right and wrong',
  seconds: { full: 40, quick: 10 },
  run: (size) => onTarget((target) => fuzzed(target, size)),
}

interface Run {
  readonly target: Target
  readonly by: Readonly<Record<CallerName, Sender>>
  readonly operations: readonly Operation[]
  readonly ids: Ids
  readonly gone: Set<string>
  readonly findings: string[]
  readonly succeeded: Set<string>
  valid: number
  wrong: number
}

async function fuzzed(target: Target, size: Size) {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
  const run = await begin(target)
  const numRuns = size === 'full' ? 10_000 : 1000
  for (const draft of fc.sample(drafts(run.operations), { seed, numRuns })) await tryOut(run, fill(draft, run.ids))
  for (const finding of run.findings.slice(0, 20)) process.stderr.write(`S14, SEED=${seed}: ${finding}\n`)
  return [
    exactly('answers that are wrong', run.findings.length, 0),
    atLeast('requests that the document allows', run.valid, numRuns * 0.2),
    atLeast('requests that it does not allow', run.wrong, numRuns * 0.2),
    atLeast('operations that succeeded', run.succeeded.size, run.operations.length * (size === 'full' ? 0.85 : 0.5)),
    told('operations', run.operations.length),
    told('seed', seed),
  ]
}

async function begin(target: Target): Promise<Run> {
  await fillBoth(target)
  const names = callers.filter((name) => name !== 'nobody').map((name) => [name, target.as(name)])
  return {
    target,
    by: Object.fromEntries([...names, ['nobody', target.as(undefined)]]),
    operations: await operationsAt(target.as('admin')),
    ids: await knownIds(target),
    gone: new Set(),
    findings: [],
    succeeded: new Set(),
    valid: 0,
    wrong: 0,
  }
}

/** Of both agencies. People who call are not among them: a caller who is made somebody else proves nothing. */
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

async function tryOut(run: Run, sent: Sent): Promise<void> {
  const { operation } = sent.draft
  const answer = await run.by[sent.caller].send(operation.method, sent.url, sent.body)
  for (const finding of judge(sent, answer, run.gone)) report(run, sent, answer, finding)
  if (isSafelyValid(sent)) run.valid += 1
  else run.wrong += 1
  if (answer.status >= 300) return
  run.succeeded.add(operation.name)
  if (operation.method === 'POST') learn(run, operation, answer)
  if (operation.method === 'DELETE') await lookAgain(run, sent)
}

function isSafelyValid(sent: Sent): boolean {
  try {
    return isValid(sent)
  } catch {
    return false
  }
}

function report(run: Run, sent: Sent, { status, text }: Answer, finding: string): void {
  run.findings.push(`${finding}\n  ${asCurl(sent, run.target.api.port)}\n  ${status} ${text.slice(0, 300)}`)
}

/** Later requests are about what was made: the newest sixteen of its kind. */
function learn({ ids }: Run, operation: Operation, { status, body }: Answer): void {
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

/** A released hold and a member who has gone can still be read, as documented; all else that is deleted is not there. */
async function lookAgain(run: Run, sent: Sent): Promise<void> {
  const { path } = sent.draft.operation
  if (path.includes('/holds/') || path.includes('/team/{id}')) return
  run.gone.add(sent.url)
  if (!run.operations.some(({ name }) => name === `GET ${path}`)) return
  const answer = await run.by[sent.caller].send('GET', sent.url)
  if (answer.status !== 404) report(run, sent, answer, 'found what has just been deleted')
}
