// Counts what this process refused, repeated and ran since its start. metrics.ts publishes them.

/** Every reason for which a request can be refused before its work begins. */
export const refusal_reasons = [
  'connection_queue',
  'event_loop',
  'password_queue',
  'pool',
  'property_queue',
  'rate_limit_address',
  'rate_limit_sign_in',
  'rate_limit_user',
  'response_memory',
  'scan_queue',
  'tenant_queue',
] as const
export type RefusalReason = (typeof refusal_reasons)[number]

export const refusals: Record<RefusalReason, number> = Object.fromEntries(
  refusal_reasons.map((reason) => [reason, 0]),
) as Record<RefusalReason, number>

export function countRefusal(reason: RefusalReason): void {
  refusals[reason] += 1
}

/** The runs of one background job. */
export interface JobCount {
  completed: number
  failed: number
  seconds: number
}

/** By name of the job, of which there are as many as handlers. */
export const jobs = new Map<string, JobCount>()

/** `began_at`: performance.now at the start of the run. */
export function countJob(name: string, result: 'completed' | 'failed', began_at: number): void {
  const count = jobs.get(name) ?? { completed: 0, failed: 0, seconds: 0 }
  count[result] += 1
  count.seconds += (performance.now() - began_at) / 1000
  jobs.set(name, count)
}

export const activity: {
  /** Responses that were repeated for an Idempotency-Key. */
  replays: number
  /** performance.now of the start of the last completed sealing: entries committed before it are sealed. */
  sealed_at: number | undefined
} = { replays: 0, sealed_at: undefined }
