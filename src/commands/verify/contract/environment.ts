// The test environment of a run, and the triggers that use it.
import type { Database } from '../../../core/postgres/database.ts'
import { type Caller, callerOn, type HttpReply } from './caller.ts'
import type { Origin } from './raw-socket.ts'

/** A scratch agency: its rows may be changed freely. */
export interface TestAgency {
  readonly admin: Caller
  readonly manager: Caller
  readonly staff: Caller
  /** Staff here, manager in another agency. */
  readonly bothAgencies: Caller
  readonly agency_id: string
  /** The only active admin. */
  readonly admin_id: string
  readonly manager_id: string
  readonly staff_email: string
  readonly property_id: string
  /** A property of the other agency. */
  readonly foreign_property_id: string
  /** A member of the other agency only. */
  readonly outsider_id: string
  readonly expired_token: string
}

export interface TestEnvironment {
  readonly origin: Origin
  readonly anonymous: Caller
  bearing(token: string): Caller
  /** Signed in, at least as staff. Its requests change nothing. */
  readonly reader?: Caller
  readonly agency?: TestAgency
  /** A second connection to the same database, to hold locks on. */
  readonly second_db?: Database
}

/** One way to cause a documented error. */
export interface Trigger<E extends TestEnvironment = TestEnvironment> {
  /** What the environment lacks for it; undefined when it can run. */
  readonly missing: (environment: E) => string | undefined
  /** Causes the error and returns the reply. */
  readonly run: (environment: E) => Promise<HttpReply>
}

export type Triggers<E extends TestEnvironment = TestEnvironment> = Readonly<Record<string, readonly Trigger<E>[]>>

/** The environment of an anonymous client. */
export function anonymousEnvironment(origin: Origin): TestEnvironment {
  return { origin, anonymous: callerOn(origin), bearing: (token) => callerOn(origin, token) }
}

/** A trigger that needs a part of the environment; `reason` is reported where `pick` finds none. */
export function needing<E extends TestEnvironment, Part>(
  reason: string,
  pick: (environment: E) => Part | undefined,
  run: (part: Part, environment: E) => Promise<HttpReply>,
): Trigger<E> {
  return {
    missing: (environment) => (pick(environment) === undefined ? reason : undefined),
    run: async (environment) => {
      const part = pick(environment)
      if (part === undefined) throw new Error(reason)
      return run(part, environment)
    },
  }
}

export const anonymously = (run: Trigger['run']): Trigger => ({ missing: () => undefined, run })

export const asReader = (run: (reader: Caller) => Promise<HttpReply>): Trigger =>
  needing('needs somebody signed in: --token', ({ reader }) => reader, run)

export const withAgency = (run: (agency: TestAgency, environment: TestEnvironment) => Promise<HttpReply>): Trigger =>
  needing('needs a scratch agency: DATABASE_URL and JWT_SECRET of the deployment', ({ agency }) => agency, run)

export const withSecondConnection = (run: (db: Database, agency: TestAgency) => Promise<HttpReply>): Trigger =>
  needing(
    'needs a second connection to the database',
    ({ agency, second_db: db }) => (agency === undefined || db === undefined ? undefined : { agency, db }),
    ({ agency, db }) => run(db, agency),
  )
