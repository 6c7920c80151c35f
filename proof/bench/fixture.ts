// The fixture of a run: a filled PostgreSQL server with production settings.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { removeAtExit } from '../scorecard/environment/cleanup.ts'
import { type Cluster, createCluster } from '../scorecard/environment/cluster.ts'
import { withConnection } from '../scorecard/environment/connect.ts'
import type { Dataset } from './cases.ts'
import { createDatabase, fill, issueTokens, type Volume } from './data.ts'
import { issueBaselineTokens } from './systems/baseline.ts'

/** Other settings are the defaults: fsync, full_page_writes and synchronous_commit are on. */
export const server_settings = ['shared_buffers=1GB']

export interface Fixture {
  readonly cluster: Cluster
  readonly urls: { readonly owner: string; readonly api: string }
  readonly dataset: Dataset
  /** A temporary folder for logs. */
  readonly folder: string
}

/** Creates a server with a database of this volume, runs `work` and removes the server. */
export async function withFixture<T>(
  volume: Volume,
  work: (fixture: Fixture) => Promise<T>,
  note?: (line: string) => void,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'roost-bench-'))
  removeAtExit(folder)
  const cluster = await createCluster(undefined, server_settings)
  try {
    const urls = await createDatabase(cluster, 'roost_bench')
    await withConnection(urls.owner, async (client) => {
      await fill(client, volume, note)
      await client.query('vacuum analyze')
      await client.query('checkpoint')
    })
    const dataset = {
      volume,
      tokens: await issueTokens(volume.agencies),
      baseline_tokens: await issueBaselineTokens(),
      baseline_bookings: [],
    }
    return await work({ cluster, urls, dataset, folder })
  } finally {
    await cluster.remove()
    await rm(folder, { recursive: true, force: true })
  }
}
