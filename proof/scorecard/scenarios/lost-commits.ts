// S7: the connection breaks at COMMIT, once before the server has it and once after it has answered. Nobody can know
// which, so the client is told so; sent again with its key, the request has been done once either way.
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { type Answer, createSender, type Sender } from '../../../test/sender.ts'
import { startProxy, type Watch } from '../../../test/tcp-proxy.ts'
import { stay, verdictOf } from '../environment/bookings.ts'
import { withStage } from '../environment/environment.ts'
import { exactly, fired, type Measure } from '../scenario.ts'

type Moment = 'before' | 'after'

/** The statement COMMIT, parsed or bound by its name, and its answer, as they are on the wire. */
const commit = Buffer.from('\0commit\0', 'latin1')
const committed = Buffer.from('C\0\0\0\x0bCOMMIT\0', 'latin1')

export const lostCommits: Measure = {
  id: 'S7',
  title: 'The answer to COMMIT is lost: half were saved, half were not',
  seconds: { full: 45, quick: 10 },
  run: (size) =>
    withStage(async (stage) => {
      const tries = size === 'full' ? 200 : 20
      const saboteur = createSaboteur()
      const proxy = await startProxy(stage.cluster.port, saboteur.watch)
      stage.defer(() => proxy.close())
      const api = await stage.serve({ DATABASE_URL: stage.urlOn(proxy.port) })
      const sender = createSender(api.address, await stage.token('staff'))
      stage.defer(() => sender.close())

      const bookings: { key: string; body: ReturnType<typeof stay>; answers: Answer[] }[] = []
      const counts = { unknown: 0, replayed: 0, executed: 0 }
      for (let n = 0; n < tries; n += 1) {
        const [key, body, moment] = [randomUUID(), stay(n), n % 2 === 0 ? 'before' : 'after'] as const
        saboteur.aimAt(key, moment)
        const first = await sender.send('POST', 'bookings', body, { 'idempotency-key': key })
        if (first.code === 'COMMIT_UNKNOWN' && first.headers['retry-after'] !== undefined) counts.unknown += 1
        const answer = await insist(sender, key, body)
        counts[answer.headers['idempotency-replayed'] === 'true' ? 'replayed' : 'executed'] += 1
        bookings.push({ key, body, answers: [answer] })
      }
      const told = { '201': tries, '503 COMMIT_UNKNOWN': counts.unknown }
      return [
        fired('COMMITs that never reached the server', saboteur.cuts.before, tries / 2),
        fired('COMMITs whose answer was dropped', saboteur.cuts.after, tries / 2),
        exactly('first answers 503 COMMIT_UNKNOWN with Retry-After', counts.unknown, tries),
        exactly('retries that repeat a saved answer', counts.replayed, tries / 2),
        exactly('retries that do what was not saved', counts.executed, tries / 2),
        ...(await verdictOf(stage, { bookings, told })),
      ]
    }),
}

/** Cuts the connection on which `key` is claimed at its COMMIT, once. */
function createSaboteur() {
  let aim: { readonly key: string; readonly moment: Moment } | undefined
  let target: object | undefined
  let is_sent = false
  const cuts = { before: 0, after: 0 }

  function isMoment(moment: Moment, from: 'client' | 'server', chunk: Buffer): boolean {
    if (from === 'client' && chunk.includes(commit)) is_sent = true
    if (moment === 'before') return is_sent
    return is_sent && from === 'server' && chunk.includes(committed)
  }

  const watch: Watch = (from, chunk, connection) => {
    if (aim === undefined) return 'pass'
    if (from === 'client' && chunk.includes(aim.key)) target = connection
    if (connection !== target || !isMoment(aim.moment, from, chunk)) return 'pass'
    cuts[aim.moment] += 1
    aim = undefined
    target = undefined
    is_sent = false
    return 'cut'
  }

  return {
    watch,
    cuts,
    aimAt(key: string, moment: Moment) {
      aim = { key, moment }
    },
  }
}

/** The session of the cut connection may hold the key for a moment longer. */
async function insist(sender: Sender, key: string, body: object) {
  for (;;) {
    const answer = await sender.send('POST', 'bookings', body, { 'idempotency-key': key })
    if (answer.status !== 503 && answer.code !== 'IDEMPOTENCY_IN_PROGRESS') return answer
    await delay(20)
  }
}
