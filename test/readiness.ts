// What /health/ready says of the database, also on a busy machine.
import type { Api } from '../src/http/api.ts'
import { until } from './until.ts'

export interface Readiness {
  readonly status: number
  /** `status` when ready, else `error` with code and message. */
  // biome-ignore lint/suspicious/noExplicitAny: bodies of two kinds.
  readonly body: any
}

/** The first answer that the database had part in: the service waits half a second for it, then says DB_UNAVAILABLE. */
export async function readReadiness(app: Api): Promise<Readiness> {
  let readiness: Readiness | undefined
  await until(async () => {
    const reply = await app.inject('/health/ready')
    readiness = { status: reply.statusCode, body: reply.json() }
    return readiness.body.error?.code !== 'DB_UNAVAILABLE'
  })
  return readiness as Readiness
}
