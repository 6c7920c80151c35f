// What a feature declares about itself. src/features.ts lists the features.
import type { Permission } from '../core/auth/permissions.ts'
import type { Subscriber } from '../core/events/subscriber.ts'
import type { Jobs } from '../core/jobs/jobs.ts'
import type { JobHandlers, JobsOptions } from '../core/jobs/worker.ts'
import type { MailTemplates } from '../core/mail/template.ts'
import type { MediaStore } from '../core/media/media.ts'
import type { Api, ApiDeps } from './api.ts'

interface JobDeps extends Pick<JobsOptions, 'db' | 'log'> {
  readonly media: MediaStore
}

interface SubscriberDeps extends JobDeps {
  /** Adds a job, for work that takes longer than a delivery should. */
  readonly enqueue: Jobs['enqueue']
}

/** The API, the worker, the generated documents and the tests read it. test/sweeps/features.test.ts shows that it is complete. */
export interface Feature {
  /** The name of its folder. */
  readonly name: string
  readonly routes?: (app: Api, deps: ApiDeps) => void
  /** `''` for routes outside of /api/v1. */
  readonly prefix?: ''
  /** The permissions that its routes require. Who has them: core/auth/permissions.ts. */
  readonly permissions?: readonly Permission[]
  /** Codes of the errors that its routes declare (core/errors.ts). */
  readonly errors?: readonly string[]
  /** The types of its entries in the event log, and when they are added. docs/events.md is generated from it. */
  readonly events?: Readonly<Record<string, string>>
  readonly jobs?: (deps: JobDeps) => JobHandlers
  /** What it does with sealed events, its own or others. They run in the worker. */
  readonly subscribers?: (deps: SubscriberDeps) => readonly Subscriber[]
  /** The kinds of e-mails that it adds to the outbox. */
  readonly mails?: MailTemplates
  /** Its tables with rows of agencies. */
  readonly tables?: readonly string[]
}
