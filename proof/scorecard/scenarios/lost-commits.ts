// S7: connections break at COMMIT; a retry with the Idempotency-Key has exactly one effect.
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { type Answer, createSender, type Sender } from '../../../test/sender.ts'
import { startProxy, type Watch } from '../../../test/tcp-proxy.ts'
import { withEnvironment } from '../environment/environment.ts'
import { checkBookings, stay } from '../environment/keyed-bookings.ts'
import { exactly, injected, type Scenario } from '../scenario.ts'

type Moment = 'before' | 'after'

/** The COMMIT statement, parsed or bound by name, and its CommandComplete message. */
const commit = Buffer.from('\0commit\0', 'latin1')
const committed = Buffer.from('C\0\0\0\x0bCOMMIT\0', 'latin1')

export const lostCommits: Scenario = {
  id: 'S7',
  title: 'Connection lost at COMMIT: half committed, half not',
  seconds: { full: 45, quick: 10 },
  run: (size) =>
    withEnvironment(async (environment) => {
      const tries = size === 'full' ? 200 : 20
      const cutter = createCutter()
      const proxy = await startProxy(environment.cluster.port, cutter.watch)
      environment.defer(() => proxy.close())
      const api = await environment.serve({ DATABASE_URL: environment.urlOn(proxy.port) })
      const sender = createSender(api.address, await environment.token('staff'))
      environment.defer(() => sender.close())

      const bookings: { key: string; body: ReturnType<typeof stay>; answers: Answer[] }[] = []
      const counts = { unknown: 0, replayed: 0, executed: 0 }
      for (let n = 0; n < tries; n += 1) {
        const [key, body, moment] = [randomUUID(), stay(n), n % 2 === 0 ? 'before' : 'after'] as const
        cutter.cutNext(key, moment)
        const first = await sender.send('POST', 'bookings', body, { 'idempotency-key': key })
        if (first.code === 'COMMIT_UNKNOWN' && first.headers['retry-after'] !== undefined) counts.unknown += 1
        const answer = await retryUntilFinal(sender, key, body)
        counts[answer.headers['idempotency-replayed'] === 'true' ? 'replayed' : 'executed'] += 1
        bookings.push({ key, body, answers: [answer] })
      }
      const outcomes = { '201': tries, '503 COMMIT_UNKNOWN': counts.unknown }
      return [
        injected('COMMITs that never reached the server', cutter.cuts.before, tries / 2),
        injected('COMMITs whose answer was lost', cutter.cuts.after, tries / 2),
        exactly('first answers 503 COMMIT_UNKNOWN with Retry-After', counts.unknown, tries),
        exactly('retries that replayed the saved answer', counts.replayed, tries / 2),
        exactly('retries that executed the request', counts.executed, tries / 2),
        ...(await checkBookings(environment, { bookings, outcomes })),
      ]
    }),
}

/** A proxy hook that cuts the connection of one request, found by its key, at its COMMIT. */
function createCutter() {
  let pending: { readonly key: string; readonly moment: Moment } | undefined
  let target: object | undefined
  let is_sent = false
  const cuts = { before: 0, after: 0 }

  function isMoment(moment: Moment, from: 'client' | 'server', chunk: Buffer): boolean {
    if (from === 'client' && chunk.includes(commit)) is_sent = true
    if (moment === 'before') return is_sent
    return is_sent && from === 'server' && chunk.includes(committed)
  }

  const watch: Watch = (from, chunk, connection) => {
    if (pending === undefined) return 'pass'
    if (from === 'client' && chunk.includes(pending.key)) target = connection
    if (connection !== target || !isMoment(pending.moment, from, chunk)) return 'pass'
    cuts[pending.moment] += 1
    pending = undefined
    target = undefined
    is_sent = false
    return 'cut'
  }

  return {
    watch,
    cuts,
    cutNext(key: string, moment: Moment) {
      pending = { key, moment }
    },
  }
}

/** Retries while the session of the lost connection still holds the key. */
async function retryUntilFinal(sender: Sender, key: string, body: object) {
  for (;;) {
    const answer = await sender.send('POST', 'bookings', body, { 'idempotency-key': key })
    if (answer.status !== 503 && answer.code !== 'IDEMPOTENCY_IN_PROGRESS') return answer
    await delay(20)
  }
}
