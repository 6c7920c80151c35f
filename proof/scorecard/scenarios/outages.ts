// S10, S11: the database is away for half a minute, or stands still for ten seconds.
import { setTimeout as delay } from 'node:timers/promises'
import { percentile } from '../../../src/commands/verify/overlap/counting.ts'
import { createSender, type Sender } from '../../../test/sender.ts'
import { until } from '../../../test/until.ts'
import { describe } from '../environment/bookings.ts'
import { withStage } from '../environment/environment.ts'
import { stopWithStage } from '../environment/loads.ts'
import { isGood, kindsOf, settled, steadyLoad, timesOf } from '../environment/steady.ts'
import { atMost, type Check, exactly, fired, type Measure, told } from '../scenario.ts'

const isReady = async (sender: Sender) => (await sender.send('GET', '/health/ready')).status === 200

/** Asks for the path ten times a second; `stop` gives the statuses (0: no answer) and times in ms. */
function watch(sender: Sender, path: string) {
  const asked: Promise<{ status: number; ms: number }>[] = []
  const timer = setInterval(
    () =>
      asked.push(
        sender.send('GET', path).then(
          ({ status, began, ended }) => ({ status, ms: ended - began }),
          () => ({ status: 0, ms: Number.POSITIVE_INFINITY }),
        ),
      ),
    100,
  )
  stopWithStage(() => clearInterval(timer))
  return {
    async stop() {
      clearInterval(timer)
      return Promise.all(asked)
    },
  }
}

export const stopped: Measure = {
  id: 'S10',
  title: 'PostgreSQL away for 30 s under 200 requests a second',
  seconds: { full: 60 },
  run: () =>
    withStage(async (stage) => {
      const api = await stage.serve()
      const token = await stage.token('staff')
      const sender = createSender(api.address, token)
      stage.defer(() => sender.close())
      const load = steadyLoad({ address: api.address, token, rate: 200 })
      const calm_ms = await settled(load)
      await crowd(sender)
      const live = watch(sender, '/health/live')
      const before = api.usage().rss_mb

      await stage.cluster.stopFast()
      const down = performance.now()
      const unready_ms = await until(async () => !(await isReady(sender)))
      // By then the breaker is open, and nobody waits any more who was there before.
      await delay(down + 2500 - performance.now())
      const refusing = api.usage().rss_mb
      await delay(down + 30_000 - performance.now())
      const after = api.usage().rss_mb
      const restarted = performance.now()
      await stage.cluster.start()
      const up = performance.now()
      const ready_ms = await until(() => isReady(sender))
      await until(() => load.seen.some((one) => isGood(one) && one.began > up))
      const seen = await load.stop()
      const statuses = await live.stop()

      const refused = seen.filter((one) => one.began > down + 2500 && one.ended < restarted)
      return [
        fired('requests refused meanwhile', refused.length, 2000),
        exactly('answers of /health/live that are not 200', statuses.filter(({ status }) => status !== 200).length, 0),
        exactly('answers meanwhile that are not 503', refused.filter(({ status }) => status !== 503).length, 0),
        exactly('503 without Retry-After', refused.filter((one) => !one.has_retry_after).length, 0),
        atMost('p99 of a refusal once the breaker is open', percentile(timesOf(refused), 0.99), 20, ' ms'),
        memoryGained(after - refusing),
        atMost('until /health/ready says no', unready_ms, 1500, ' ms'),
        atMost('until /health/ready says yes again', ready_ms, 1500, ' ms'),
        told('memory gained since before the outage, MB', after - before),
        told('p99 before, ms', calm_ms),
        told('what clients were told', describe(kindsOf(seen))),
      ]
    }),
}

/** Where there is no /proc nobody knows. */
function memoryGained(mb: number): Check {
  const name = 'memory gained while everything is refused'
  return Number.isNaN(mb) ? told(name, 'not known here') : atMost(name, mb, 20, ' MB')
}

/** As many clients at once as will wait in the outage: the memory that they take is not the outage's. */
async function crowd(sender: Sender): Promise<void> {
  for (let round = 0; round < 10; round += 1) {
    await Promise.all(Array.from({ length: 200 }, () => sender.send('GET', 'properties?limit=5')))
  }
}

export const frozen: Measure = {
  id: 'S11',
  title: 'PostgreSQL stands still (SIGSTOP) for 10 s under 100 requests a second',
  seconds: { full: 30 },
  run: () =>
    withStage(async (stage) => {
      const api = await stage.serve()
      const token = await stage.token('staff')
      const sender = createSender(api.address, token)
      stage.defer(() => sender.close())
      const load = steadyLoad({ address: api.address, token, rate: 100 })
      const calm_ms = await settled(load)
      const live = watch(sender, '/health/live')
      const processes = stage.cluster.freeze()
      const down = performance.now()
      const health = watch(sender, '/health')
      await delay(10_000)
      const health_ms = (await health.stop()).map(({ ms }) => ms)
      stage.cluster.thaw()
      const up = performance.now()
      const ready_ms = await until(() => isReady(sender))
      const well_ms = await until(() => load.seen.some((one) => isGood(one) && one.began > up))
      const seen = await load.stop()
      const statuses = await live.stop()
      const during = seen.filter(({ began, ended }) => ended > down && began < up)
      const late = seen.filter(({ began, ended }) => began > down + 8000 && ended < up)
      return [
        fired('server processes frozen', processes, 5),
        fired('requests that failed meanwhile', during.filter((one) => !isGood(one)).length, 100),
        exactly(
          'answers that are neither a success nor 503',
          during.filter((one) => !isGood(one) && one.status !== 503).length,
          0,
        ),
        atMost('slowest answer', Math.max(...timesOf(seen)), 8000, ' ms'),
        atMost('slowest answer of /health meanwhile', Math.max(...health_ms), 700, ' ms'),
        exactly('answers of /health/live that are not 200', statuses.filter(({ status }) => status !== 200).length, 0),
        atMost('until the service is well again', Math.max(ready_ms, well_ms), 2000, ' ms'),
        told('p99 of a refusal in the last two seconds, ms', percentile(timesOf(late), 0.99)),
        told('p99 before, ms', calm_ms),
        told('what clients were told', describe(kindsOf(seen))),
      ]
    }),
}
