// S43: bookings wait for a lock and in the queue of their property while their manager is removed and clients hang up.
import { Agent, request } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { players } from '../../../test/cast.ts'
import { type Answer, createSender, type Sender } from '../../../test/sender.ts'
import { dayAfter, stay } from '../../../test/steps.ts'
import { until } from '../../../test/until.ts'
import { describe } from '../environment/bookings.ts'
import { onServer } from '../environment/connect.ts'
import { type Stage, withStage } from '../environment/environment.ts'
import { database, homes } from '../environment/seed.ts'
import { kindsOf } from '../environment/steady.ts'
import { atMost, type Check, exactly, fired, type Measure, type Size, told } from '../scenario.ts'

const home = homes.north[0]?.id ?? ''
const day = (n: number) => dayAfter('2031-01-01', n * 3)

/** Requests that wait: of the manager who is removed, of clients that hang up, of somebody who stays. */
const waiting = { full: { removed: 24, gone: 12, staying: 6 }, quick: { removed: 12, gone: 6, staying: 3 } } as const
/** How long the lock is held after the removal, which SECURITY.md says acts within a second. */
const held_ms = { full: 6000, quick: 2500 } as const
const first_day = { removed: 0, gone: 200, staying: 400, blocking: 600 } as const

export const authorisationGap: Measure = {
  id: 'S43',
  title: 'A removal acts on bookings that wait, and so does a hang-up',
  seconds: { full: 20, quick: 9 },
  run: (size) => withStage((stage) => race(stage, size)),
}

async function race(stage: Stage, size: Size): Promise<Check[]> {
  const api = await stage.serve({ DATABASE_POOL_SIZE: '10' })
  const [manager, staff] = await Promise.all(
    (['manager', 'staff'] as const).map(async (name) => createSender(api.address, await stage.token(name))),
  )
  if (manager === undefined || staff === undefined) throw new Error('two senders were made')
  stage.defer(() => [manager, staff].map((sender) => sender.close()))
  const { removed, gone, staying } = waiting[size]
  const book = (by: Sender, n: number) => by.send('POST', 'bookings', stay(home, day(n)))
  const many = <T>(count: number, from: number, make: (n: number) => T) =>
    Array.from({ length: count }, (_, n) => make(from + n))

  return onServer(stage.cluster.urlOf(database), async (locker) => {
    await locker.query('begin')
    await locker.query('lock table bookings in access exclusive mode')
    const blocking = many(2, first_day.blocking, (n) => book(staff, n))
    await until(async () => (await lockWaits(stage)) === 2)
    const managers = many(removed, first_day.removed, (n) => book(manager, n))
    const leavers = leaving(api.port, await stage.token('bothAgencies'), many(gone, first_day.gone, day))
    const others = many(staying, first_day.staying, (n) => inTheEnd(() => book(staff, n)))
    // Behind those on their connections: by then the service has read them.
    for (let n = 0; n < 10; n += 1) await staff.send('GET', '/health/live')
    await stage.owner.query('update team_members set is_active = false where user_id = $1', [players.manager.user_id])
    const removed_at = performance.now()
    leavers.leave()
    await delay(held_ms[size])
    await locker.query('rollback')
    const answers = await Promise.all(managers)
    const seen = [...answers, ...(await Promise.all(others)), ...(await Promise.all(blocking))]
    // A client that has gone gets no answer to wait for: what stands before this one in the queue is done.
    await inTheEnd(() => book(staff, first_day.blocking + 10))
    const made = await madeOn(stage)
    const madeFrom = (from: number, count: number) => many(count, from, day).filter((date) => made.has(date)).length
    return [
      fired(
        'bookings of the removed manager that waited',
        answers.filter(({ ended }) => ended > removed_at).length,
        removed,
      ),
      fired('clients that hung up while they waited', leavers.left(), gone),
      // The lock was held for longer than a second after the removal, so each of them was made later than that.
      exactly('bookings made more than 1 s after the removal', madeFrom(first_day.removed, removed), 0),
      exactly('bookings made for clients that had hung up', madeFrom(first_day.gone, gone), 0),
      exactly("another member's bookings that were made", madeFrom(first_day.staying, staying), staying),
      exactly('answers other than 201, 401, 403 and 503', seen.filter(isOther).length, 0),
      atMost('longest wait for an answer', Math.max(...seen.map(({ began, ended }) => ended - began)), 9000, ' ms'),
      told('what the manager was told', describe(kindsOf(answers))),
    ]
  })
}

const isOther = ({ status }: Answer) => ![201, 401, 403, 503].includes(status)

/** As clients do: again after a 503. */
async function inTheEnd(send: () => Promise<Answer>): Promise<Answer> {
  const answer = await send()
  if (answer.status !== 503) return answer
  await delay(200)
  return inTheEnd(send)
}

async function lockWaits(stage: Stage): Promise<number> {
  const { rows } = await stage.owner.query(
    "select count(*)::int as n from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
  )
  return Number(rows[0]?.n)
}

async function madeOn(stage: Stage): Promise<Set<string>> {
  const { rows } = await stage.owner.query('select check_in::text from bookings where property_id = $1', [home])
  return new Set(rows.map(({ check_in }) => String(check_in)))
}

/** Clients that ask for a stay on each of these days and close their connections when told to. */
function leaving(port: number, token: string, days: readonly string[]) {
  const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY })
  let answered = 0
  const sent = days.map((check_in) => {
    const body = JSON.stringify(stay(home, check_in))
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'x-agency-id': homes.north[0]?.agency_id,
    }
    const one = request({ agent, host: '127.0.0.1', port, method: 'POST', path: '/api/v1/bookings', headers })
    one.on('error', () => {})
    one.on('response', (reply) => {
      answered += 1
      reply.resume()
    })
    one.end(body)
    return one
  })
  return {
    leave: () => {
      for (const one of sent) one.destroy()
      agent.destroy()
    },
    left: () => sent.length - answered,
  }
}
