// Reads the health of the service. Its 503 is an answer as well.
import { errorOf, OfflineError } from '../../api/errors.ts'

export interface Health {
  readonly status: string
  readonly checks: { readonly db: string; readonly redis: string; readonly worker: string }
}

/** Throws OfflineError, and ApiError for an answer that says nothing about the components, as a proxy or a rate limit gives. */
export async function readHealth(signal: AbortSignal): Promise<Health> {
  const response = await answerOf(signal)
  const body: unknown = await response
    .clone()
    .json()
    .catch(() => undefined)
  if (isHealth(body)) return body
  throw await errorOf(response)
}

async function answerOf(signal: AbortSignal): Promise<Response> {
  try {
    return await fetch('/health', { signal, cache: 'no-store' })
  } catch (error) {
    if (signal.aborted) throw error
    throw new OfflineError()
  }
}

const isHealth = (body: unknown): body is Health => typeof body === 'object' && body !== null && 'checks' in body
