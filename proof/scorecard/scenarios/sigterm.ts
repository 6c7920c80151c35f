// S29: the process is asked to stop (SIGTERM) while fifty clients call it without pause.
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { createSender } from '../../../test/sender.ts'
import { describe, stay } from '../environment/bookings.ts'
import { withStage } from '../environment/environment.ts'
import type { RoostProcess } from '../environment/roost-process.ts'
import { homes } from '../environment/seed.ts'
import { isGood, kindsOf, type Seen, see } from '../environment/steady.ts'
import { atMost, exactly, fired, type Measure, told } from '../scenario.ts'

const clients = 50

export const sigterm: Measure = {
  id: 'S29',
  title: 'SIGTERM under load: what was under way is answered',
  seconds: { full: 110 },
  run: (size) =>
    withStage(async (stage) => {
      const rounds = size === 'full' ? 20 : 2
      const token = await stage.token('staff')
      // Like a small deployment: background work in the same process.
      const api = await stage.serve({ WORKER: 'inline' })
      const in_flight: Seen[] = []
      const later: Seen[] = []
      const slowest = { ms: 0 }
      let bad_exits = 0
      for (let round = 0; round < rounds; round += 1) {
        if (round > 0) await api.start()
        const crowd = startCrowd(api, token, round)
        await delay(600 + Math.random() * 400)
        const signalled = performance.now()
        const { code, ms } = await api.kill('SIGTERM')
        if (code !== 0) bad_exits += 1
        slowest.ms = Math.max(slowest.ms, ms)
        const seen = await crowd.stop()
        in_flight.push(...seen.filter(({ began, ended }) => began < signalled && ended > signalled))
        later.push(...seen.filter(({ began }) => began >= signalled))
      }
      const failed = in_flight.filter((one) => !isGood(one))
      return [
        fired('requests under way at SIGTERM', in_flight.length, rounds * 10),
        exactly('of them without their answer', failed.length, 0),
        exactly('exits with another code than 0', bad_exits, 0),
        atMost('slowest exit', slowest.ms, 10_000, ' ms'),
        told('what the failed were told', describe(kindsOf(failed))),
        told('what requests sent afterwards were told', describe(kindsOf(later))),
      ]
    }),
}

/** Fifty clients that call one after the other, a booking now and then; each leaves when it is refused. */
function startCrowd(api: RoostProcess, token: string, round: number) {
  const sender = createSender(api.address, token)
  const seen: Seen[] = []
  let is_over = false

  function ask(n: number): Promise<Seen> {
    if (n % 5 > 0) return see(false, () => sender.send('GET', `properties/${homes.north[n % homes.north.length]?.id}`))
    return see(true, () => sender.send('POST', 'bookings', stay(n), { 'idempotency-key': randomUUID() }))
  }

  async function call(client: number): Promise<void> {
    for (let n = client; !is_over; n += clients) {
      const one = await ask(n + round * 20_000)
      seen.push(one)
      if (one.code === 'ECONNREFUSED') return
    }
  }

  const calling = Promise.all(Array.from({ length: clients }, (_, client) => call(client)))
  return {
    async stop() {
      is_over = true
      await calling
      sender.close()
      return seen
    },
  }
}
