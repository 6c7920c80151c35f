// S11: all PostgreSQL processes are stopped with SIGSTOP for ten seconds.
import { setTimeout as delay } from 'node:timers/promises'
import { percentile } from '../../../src/commands/verify/overlap/statistics.ts'
import { createSender } from '../../../test/sender.ts'
import { until } from '../../../test/until.ts'
import { withEnvironment } from '../environment/environment.ts'
import { answersReady, startPolling } from '../environment/health-polling.ts'
import { formatCounts } from '../environment/keyed-bookings.ts'
import { countByKind, durationsOf, isSuccess, startSteadyLoad, waitUntilSteady } from '../environment/steady-load.ts'
import { atMost, exactly, info, injected, type Scenario } from '../scenario.ts'

export const frozenDatabase: Scenario = {
  id: 'S11',
  title: 'PostgreSQL frozen (SIGSTOP) for 10 s under 100 requests per second',
  seconds: { full: 30 },
  run: () =>
    withEnvironment(async (environment) => {
      const api = await environment.serve()
      const token = await environment.token('staff')
      const sender = createSender(api.address, token)
      environment.defer(() => sender.close())
      const load = startSteadyLoad({ address: api.address, token, rate: 100 })
      const baseline_p99_ms = await waitUntilSteady(load)
      const live = startPolling(sender, '/health/live')
      const processes = environment.cluster.freeze()
      const down = performance.now()
      const health = startPolling(sender, '/health')
      await delay(10_000)
      const health_ms = (await health.stop()).map(({ ms }) => ms)
      environment.cluster.thaw()
      const up = performance.now()
      const ready_ms = await until(() => answersReady(sender))
      const recovered_ms = await until(() => load.observations.some((one) => isSuccess(one) && one.began > up))
      const observations = await load.stop()
      const statuses = await live.stop()
      const during = observations.filter(({ began, ended }) => ended > down && began < up)
      const late = observations.filter(({ began, ended }) => began > down + 8000 && ended < up)
      return [
        injected('server processes frozen', processes, 5),
        injected('requests that failed during the freeze', during.filter((one) => !isSuccess(one)).length, 100),
        exactly(
          'answers other than 2xx and 503',
          during.filter((one) => !isSuccess(one) && one.status !== 503).length,
          0,
        ),
        atMost('slowest answer', Math.max(...durationsOf(observations)), 8000, ' ms'),
        atMost('slowest answer of /health during the freeze', Math.max(...health_ms), 700, ' ms'),
        exactly('answers of /health/live other than 200', statuses.filter(({ status }) => status !== 200).length, 0),
        atMost('time until recovery', Math.max(ready_ms, recovered_ms), 2000, ' ms'),
        info('p99 of a refusal in the last two seconds, ms', percentile(durationsOf(late), 0.99)),
        info('p99 before the fault, ms', baseline_p99_ms),
        info('answers by kind', formatCounts(countByKind(observations))),
      ]
    }),
}
