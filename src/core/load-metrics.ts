// Loads the metrics when a setting asks for them.
import type { Config } from '../config.ts'
import type { Metrics, MetricsOptions } from './metrics.ts'

export type { Metrics }

/** Undefined, and nothing is loaded, unless METRICS_TOKEN or METRICS_PORT is set. */
export async function loadMetrics(config: Config, options: MetricsOptions): Promise<Metrics | undefined> {
  if (config.metrics_token === undefined && config.metrics_port === undefined) return undefined
  const { createMetrics } = await import('./metrics.ts')
  return createMetrics(options)
}
