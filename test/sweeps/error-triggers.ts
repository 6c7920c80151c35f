// The environment for the triggers of roost verify contract and proof/contract, in a test.
import { after } from 'node:test'
import { type FaultEnvironment, faultEnvironment } from '../../proof/contract/fault-environment.ts'
import { addFaultRoutes } from '../../proof/contract/fault-routes.ts'
import { all_triggers } from '../../proof/contract/fault-triggers.ts'
import { type HttpReply, listenHere } from '../../src/commands/verify/contract/caller.ts'
import { firstPossible } from '../../src/commands/verify/contract/case-run.ts'
import { testAgencyOf } from '../../src/commands/verify/contract/setup.ts'
import type { Logger } from '../../src/core/log.ts'
import { castProperties, north, players } from '../cast.ts'
import { cast, type Fixture, type FixtureOptions } from '../harness.ts'

export interface ErrorFixture extends FaultEnvironment {
  readonly fixture: Fixture
}

export const with_fault_routes: FixtureOptions = { extend: (app, { db }) => addFaultRoutes(app, db) }

/** The embedded database has one connection, so locks held by another session are induced there by their SQLSTATE. */
export async function openErrorFixture(log?: Logger): Promise<ErrorFixture> {
  const fixture = await cast({ ...with_fault_routes, ...(log !== undefined && { log }) })
  return { ...(await errorEnvironment(fixture, log)), fixture }
}

/** `fixture` has the fault routes. `log` is that of the further APIs; they log nothing without it. */
export async function errorEnvironment(fixture: Fixture, log?: Logger): Promise<FaultEnvironment> {
  const { app, config, store, tokens } = fixture
  const origin = await listenHere(app)
  const { admin, manager, staff, bothAgencies, outsider } = players
  const ids = {
    agency_id: north,
    admin: admin.user_id,
    manager: manager.user_id,
    staff: staff.user_id,
    bothAgencies: bothAgencies.user_id,
    outsider: outsider.user_id,
    staff_email: staff.email,
    property_id: castProperties.lake.id,
    foreign_property_id: castProperties.beach.id,
  }
  const agency = await testAgencyOf(origin, config, tokens, ids)
  const deployment = { config: { ...config, database_url: store.url }, store, ...(log !== undefined && { log }) }
  const { environment, close } = faultEnvironment(deployment, { app, origin }, agency)
  after(close)
  return environment
}

/** The reply to the first possible trigger of the code; undefined when the environment supports none. */
export async function triggerError(environment: FaultEnvironment, code: string): Promise<HttpReply | undefined> {
  return firstPossible(environment, all_triggers[code] ?? [])?.run(environment)
}
