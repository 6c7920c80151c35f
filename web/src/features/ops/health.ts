// Reads the health of the service. Its 503 is an answer as well.
import { OfflineError } from '../../api/errors.ts'

interface Health {
  readonly status: string
  readonly checks: { readonly db: string; readonly redis: string; readonly worker: string }
}

/** Throws OfflineError. */
export async function readHealth(signal: AbortSignal): Promise<Health> {
  try {
    const response = await fetch('/health', { signal })
    return (await response.json()) as Health
  } catch (error) {
    if (signal.aborted) throw error
    throw new OfflineError()
  }
}
