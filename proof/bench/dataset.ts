// What all measures of a run stand on: one PostgreSQL server with the settings of production, filled, and a folder.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { removeAtExit } from '../scorecard/environment/cleanup.ts'
import { type Cluster, createCluster } from '../scorecard/environment/cluster.ts'
import { onServer } from '../scorecard/environment/connect.ts'
import type { Ground } from './cases.ts'
import { createDatabase, fill, tokensFor, type Volume } from './data.ts'
import { peerTokens } from './systems/baseline.ts'

/** fsync, full_page_writes and synchronous_commit are on, as they are when nobody says anything. */
export const server_settings = ['shared_buffers=1GB']

export interface Stand {
  readonly cluster: Cluster
  readonly urls: { readonly owner: string; readonly api: string }
  readonly ground: Ground
  /** For logs; removed in the end. */
  readonly folder: string
}

/** A server with a database of this volume; `work` is done on it, then all of it goes. */
export async function onStand<T>(
  volume: Volume,
  work: (stand: Stand) => Promise<T>,
  note?: (line: string) => void,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'roost-bench-'))
  removeAtExit(folder)
  const cluster = await createCluster(undefined, server_settings)
  try {
    const urls = await createDatabase(cluster, 'roost_bench')
    await onServer(urls.owner, async (client) => {
      await fill(client, volume, note)
      await client.query('vacuum analyze')
      await client.query('checkpoint')
    })
    const ground = { volume, tokens: await tokensFor(volume.agencies), peer_tokens: await peerTokens() }
    return await work({ cluster, urls, ground, folder })
  } finally {
    await cluster.remove()
    await rm(folder, { recursive: true, force: true })
  }
}
