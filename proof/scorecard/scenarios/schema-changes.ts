// S44: columns change their type under load; prepared statements of all connections are outdated at once.
import { setTimeout as delay } from 'node:timers/promises'
import { describe } from '../environment/bookings.ts'
import { type Stage, withStage } from '../environment/environment.ts'
import { isGood, kindsOf, settled, steadyLoad, timesOf } from '../environment/steady.ts'
import { atMost, exactly, fired, type Measure, type Size, told } from '../scenario.ts'

/** Each changes the result type of statements that every list, read and booking prepares; and back. */
const changes: readonly (readonly [up: string, down: string])[] = [
  [
    'alter table bookings alter column num_pets type integer',
    'alter table bookings alter column num_pets type smallint',
  ],
  ['alter table properties alter column name type varchar(300)', 'alter table properties alter column name type text'],
]

/** What PostgreSQL writes when a prepared statement returns another type than it did. */
const outdated = 'cached plan must not change result type'

export const schemaChanges: Measure = {
  id: 'S44',
  title: 'Columns change their type and back under 100 requests a second',
  seconds: { full: 40, quick: 12 },
  run: (size) => withStage((stage) => changedUnderLoad(stage, size)),
}

async function changedUnderLoad(stage: Stage, size: Size) {
  const rounds = size === 'full' ? 10 : 2
  const api = await stage.serve()
  const load = steadyLoad({ address: api.address, token: await stage.token('staff'), rate: 100 })
  const calm_ms = await settled(load)
  let applied = 0
  let refused = 0
  for (let round = 0; round < rounds; round += 1) {
    for (const statement of changes.flat()) {
      await stage.owner.query(statement)
      applied += 1
      await delay(250)
      if (stage.cluster.log().includes(outdated)) refused += 1
    }
  }
  const seen = await load.stop()
  return [
    fired('changes of type under load', applied, rounds * changes.length * 2),
    fired('changes after which PostgreSQL refused a prepared statement', refused),
    fired('requests meanwhile', seen.length, 100),
    exactly('requests that failed', seen.filter((one) => !isGood(one)).length, 0),
    atMost('longest stall', Math.max(...timesOf(seen.slice(300))), 1000, ' ms'),
    told('p99 before, ms', calm_ms),
    told('what clients were told', describe(kindsOf(seen))),
  ]
}
