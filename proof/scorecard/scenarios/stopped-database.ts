// S10: PostgreSQL is stopped for 30 seconds under load.
import { setTimeout as delay } from 'node:timers/promises'
import { percentile } from '../../../src/commands/verify/overlap/statistics.ts'
import { createSender, type Sender } from '../../../test/sender.ts'
import { until } from '../../../test/until.ts'
import { withEnvironment } from '../environment/environment.ts'
import { answersReady, startPolling } from '../environment/health-polling.ts'
import { formatCounts } from '../environment/keyed-bookings.ts'
import { countByKind, durationsOf, isSuccess, startSteadyLoad, waitUntilSteady } from '../environment/steady-load.ts'
import { atMost, type Check, exactly, info, injected, type Scenario } from '../scenario.ts'

export const stoppedDatabase: Scenario = {
  id: 'S10',
  title: 'PostgreSQL stopped for 30 s under 200 requests per second',
  seconds: { full: 60 },
  run: () =>
    withEnvironment(async (environment) => {
      const api = await environment.serve()
      const token = await environment.token('staff')
      const sender = createSender(api.address, token)
      environment.defer(() => sender.close())
      const load = startSteadyLoad({ address: api.address, token, rate: 200 })
      const baseline_p99_ms = await waitUntilSteady(load)
      await openConnections(sender)
      const live = startPolling(sender, '/health/live')
      const before_mb = api.usage().rss_mb

      await environment.cluster.stopFast()
      const down = performance.now()
      const unready_ms = await until(async () => !(await answersReady(sender)))
      // By then the circuit breaker is open and earlier requests have ended.
      await delay(down + 2500 - performance.now())
      const refusing_mb = api.usage().rss_mb
      await delay(down + 30_000 - performance.now())
      const after_mb = api.usage().rss_mb
      const restarted = performance.now()
      await environment.cluster.start()
      const up = performance.now()
      const ready_ms = await until(() => answersReady(sender))
      await until(() => load.observations.some((one) => isSuccess(one) && one.began > up))
      const observations = await load.stop()
      const statuses = await live.stop()

      const refused = observations.filter((one) => one.began > down + 2500 && one.ended < restarted)
      return [
        injected('requests refused during the outage', refused.length, 2000),
        exactly('answers of /health/live other than 200', statuses.filter(({ status }) => status !== 200).length, 0),
        exactly('answers other than 503 during the outage', refused.filter(({ status }) => status !== 503).length, 0),
        exactly('503 without Retry-After', refused.filter((one) => !one.has_retry_after).length, 0),
        atMost('p99 of a refusal with open circuit breaker', percentile(durationsOf(refused), 0.99), 20, ' ms'),
        memoryCheck(after_mb - refusing_mb),
        atMost('time until /health/ready is not 200', unready_ms, 1500, ' ms'),
        atMost('time until /health/ready is 200 again', ready_ms, 1500, ' ms'),
        info('memory growth since before the outage, MB', after_mb - before_mb),
        info('p99 before the fault, ms', baseline_p99_ms),
        info('answers by kind', formatCounts(countByKind(observations))),
      ]
    }),
}

/** Informational where there is no /proc. */
function memoryCheck(mb: number): Check {
  const name = 'memory growth while all requests are refused'
  return Number.isNaN(mb) ? info(name, 'not available') : atMost(name, mb, 20, ' MB')
}

/** Opens as many connections as the outage will need, so that their memory is not attributed to the outage. */
async function openConnections(sender: Sender): Promise<void> {
  for (let round = 0; round < 10; round += 1) {
    await Promise.all(Array.from({ length: 200 }, () => sender.send('GET', 'properties?limit=5')))
  }
}
