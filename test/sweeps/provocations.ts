// The scene of roost verify contract on a test's own database, with the cast of the tests in it.
import { after } from 'node:test'
import { listenHere } from '../../src/commands/verify/contract/caller.ts'
import { provocativeRoutes } from '../../src/commands/verify/contract/here.ts'
import { provocations } from '../../src/commands/verify/contract/provocations.ts'
import { lack, type Provoked, type Scene } from '../../src/commands/verify/contract/scene.ts'
import { castOf, sceneHere } from '../../src/commands/verify/contract/staging.ts'
import type { Logger } from '../../src/core/log.ts'
import { castProperties, north, players } from '../cast.ts'
import { cast, type Stage } from '../harness.ts'

export interface TestScene extends Scene {
  readonly stage: Stage
}

/** On the embedded database nobody else can hold a lock, so faults are raised there that others would cause. */
export async function setScene(log?: Logger): Promise<TestScene> {
  const given = log === undefined ? {} : { log }
  const stage = await cast({ extend: (app, { db }) => provocativeRoutes(app, db), ...given })
  const { app, config, store, tokens } = stage
  const origin = await listenHere(app)
  const { admin, manager, staff, bothAgencies, outsider } = players
  const people = {
    agency_id: north,
    admin: admin.user_id,
    manager: manager.user_id,
    staff: staff.user_id,
    bothAgencies: bothAgencies.user_id,
    outsider: outsider.user_id,
    staff_email: staff.email,
    home: castProperties.lake.id,
    foreign_home: castProperties.beach.id,
  }
  const { scene, close } = sceneHere(
    { config, store, ...given },
    { app, origin },
    await castOf(origin, config, tokens, people),
  )
  after(close)
  return { ...scene, stage }
}

/** The reply to the first way of the code that the scene has all for; undefined when it has none. */
export async function provoke(scene: Scene, code: string): Promise<Provoked | undefined> {
  const way = provocations[code]?.find(({ needs }) => lack(scene, needs) === undefined)
  return way?.provoke(scene)
}
