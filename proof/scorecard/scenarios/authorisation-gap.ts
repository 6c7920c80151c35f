// S43: bookings wait for a lock while their manager is removed and other clients disconnect.
import { Agent, request } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { players } from '../../../test/cast.ts'
import { type Answer, createSender, type Sender } from '../../../test/sender.ts'
import { dayAfter, stay } from '../../../test/steps.ts'
import { until } from '../../../test/until.ts'
import { withConnection } from '../environment/connect.ts'
import { type Environment, withEnvironment } from '../environment/environment.ts'
import { formatCounts } from '../environment/keyed-bookings.ts'
import { countLockWaits } from '../environment/lock-waits.ts'
import { database, seededProperties } from '../environment/seed.ts'
import { countByKind } from '../environment/steady-load.ts'
import { atMost, type Check, exactly, info, injected, type Scenario, type Size } from '../scenario.ts'

/** All bookings are of this property. */
const property_id = seededProperties.north[0]?.id ?? ''
const day = (n: number) => dayAfter('2031-01-01', n * 3)

/** Numbers of waiting requests: of the removed manager, of disconnecting clients, of a remaining member. */
const num_waiting = {
  full: { removed: 24, disconnected: 12, remaining: 6 },
  quick: { removed: 12, disconnected: 6, remaining: 3 },
} as const
/** How long the lock is held after the removal. By SECURITY.md a removal takes effect within a second. */
const held_ms = { full: 6000, quick: 2500 } as const
const first_day = { removed: 0, disconnected: 200, remaining: 400, blocking: 600 } as const

export const authorisationGap: Scenario = {
  id: 'S43',
  title: 'Waiting bookings are refused after a removal and dropped after a disconnect',
  seconds: { full: 20, quick: 9 },
  run: (size) => withEnvironment((environment) => runScenario(environment, size)),
}

async function runScenario(environment: Environment, size: Size): Promise<Check[]> {
  const api = await environment.serve({ DATABASE_POOL_SIZE: '10' })
  const [manager, staff] = await Promise.all(
    (['manager', 'staff'] as const).map(async (name) => createSender(api.address, await environment.token(name))),
  )
  if (manager === undefined || staff === undefined) throw new Error('missing sender')
  environment.defer(() => [manager, staff].map((sender) => sender.close()))
  const { removed, disconnected, remaining } = num_waiting[size]
  const book = (by: Sender, n: number) => by.send('POST', 'bookings', stay(property_id, day(n)))
  const many = <T>(count: number, from: number, make: (n: number) => T) =>
    Array.from({ length: count }, (_, n) => make(from + n))

  return withConnection(environment.cluster.urlOf(database), async (locker) => {
    await locker.query('begin')
    await locker.query('lock table bookings in access exclusive mode')
    const blocking = many(2, first_day.blocking, (n) => book(staff, n))
    await until(async () => (await countLockWaits(environment)) === 2)
    const managers = many(removed, first_day.removed, (n) => book(manager, n))
    const disconnecting = startDisconnectingClients(
      api.port,
      await environment.token('bothAgencies'),
      many(disconnected, first_day.disconnected, day),
    )
    const others = many(remaining, first_day.remaining, (n) => sendUntilAnswered(() => book(staff, n)))
    // These answers show that the service has read the requests sent before.
    for (let n = 0; n < 10; n += 1) await staff.send('GET', '/health/live')
    await environment.owner.query('update team_members set is_active = false where user_id = $1', [
      players.manager.user_id,
    ])
    const removed_at = performance.now()
    disconnecting.disconnect()
    await delay(held_ms[size])
    await locker.query('rollback')
    const answers = await Promise.all(managers)
    const all_answers = [...answers, ...(await Promise.all(others)), ...(await Promise.all(blocking))]
    // Disconnected clients get no answer. This booking waits in the same queue, behind theirs.
    await sendUntilAnswered(() => book(staff, first_day.blocking + 10))
    const check_ins = await findCheckIns(environment)
    const countBooked = (from: number, count: number) =>
      many(count, from, day).filter((date) => check_ins.has(date)).length
    return [
      injected(
        'bookings of the removed manager that waited',
        answers.filter(({ ended }) => ended > removed_at).length,
        removed,
      ),
      injected('clients that disconnected while waiting', disconnecting.unanswered(), disconnected),
      // The lock was held for more than a second after the removal, so any of these bookings came too late.
      exactly('bookings created more than 1 s after the removal', countBooked(first_day.removed, removed), 0),
      exactly('bookings created for disconnected clients', countBooked(first_day.disconnected, disconnected), 0),
      exactly('bookings created for another member', countBooked(first_day.remaining, remaining), remaining),
      exactly('answers other than 201, 401, 403 and 503', all_answers.filter(isUnexpected).length, 0),
      atMost(
        'longest wait for an answer',
        Math.max(...all_answers.map(({ began, ended }) => ended - began)),
        9000,
        ' ms',
      ),
      info('answers to the removed manager by kind', formatCounts(countByKind(answers))),
    ]
  })
}

const isUnexpected = ({ status }: Answer) => ![201, 401, 403, 503].includes(status)

/** Retries after a 503, as clients do. */
async function sendUntilAnswered(send: () => Promise<Answer>): Promise<Answer> {
  const answer = await send()
  if (answer.status !== 503) return answer
  await delay(200)
  return sendUntilAnswered(send)
}

async function findCheckIns(environment: Environment): Promise<Set<string>> {
  const { rows } = await environment.owner.query('select check_in::text from bookings where property_id = $1', [
    property_id,
  ])
  return new Set(rows.map(({ check_in }) => String(check_in)))
}

/** Sends one booking per day; `disconnect` closes the connections without waiting for answers. */
function startDisconnectingClients(port: number, token: string, days: readonly string[]) {
  const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY })
  let answered = 0
  const sent = days.map((check_in) => {
    const body = JSON.stringify(stay(property_id, check_in))
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'x-agency-id': seededProperties.north[0]?.agency_id,
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
    disconnect: () => {
      for (const one of sent) one.destroy()
      agent.destroy()
    },
    unanswered: () => sent.length - answered,
  }
}
