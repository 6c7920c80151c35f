// S44: column types change under load, which invalidates the prepared statements of all connections.
import { setTimeout as delay } from 'node:timers/promises'
import { type Environment, withEnvironment } from '../environment/environment.ts'
import { formatCounts } from '../environment/keyed-bookings.ts'
import { countByKind, durationsOf, isSuccess, startSteadyLoad, waitUntilSteady } from '../environment/steady-load.ts'
import { atMost, exactly, info, injected, type Scenario, type Size } from '../scenario.ts'

/** Pairs of statements that change the result type of prepared statements, and change it back. */
const type_changes: readonly (readonly [up: string, down: string])[] = [
  [
    'alter table bookings alter column num_pets type integer',
    'alter table bookings alter column num_pets type smallint',
  ],
  ['alter table properties alter column city type varchar(300)', 'alter table properties alter column city type text'],
]

/** The PostgreSQL error for a prepared statement whose result type has changed. */
const plan_error = 'cached plan must not change result type'

export const schemaChanges: Scenario = {
  id: 'S44',
  title: 'Column types changed and restored under 100 requests per second',
  seconds: { full: 40, quick: 12 },
  run: (size) => withEnvironment((environment) => changeUnderLoad(environment, size)),
}

async function changeUnderLoad(environment: Environment, size: Size) {
  const rounds = size === 'full' ? 10 : 2
  const api = await environment.serve()
  const load = startSteadyLoad({ address: api.address, token: await environment.token('staff'), rate: 100 })
  const baseline_p99_ms = await waitUntilSteady(load)
  let applied = 0
  let refused = 0
  for (let round = 0; round < rounds; round += 1) {
    for (const statement of type_changes.flat()) {
      await environment.owner.query(statement)
      applied += 1
      await delay(250)
      if (environment.cluster.log().includes(plan_error)) refused += 1
    }
  }
  const observations = await load.stop()
  return [
    injected('type changes under load', applied, rounds * type_changes.length * 2),
    injected('type changes after which PostgreSQL rejected a prepared statement', refused),
    injected('requests during the changes', observations.length, 100),
    exactly('requests that failed', observations.filter((one) => !isSuccess(one)).length, 0),
    atMost('longest stall', Math.max(...durationsOf(observations.slice(300))), 1000, ' ms'),
    info('p99 before the changes, ms', baseline_p99_ms),
    info('answers by kind', formatCounts(countByKind(observations))),
  ]
}
