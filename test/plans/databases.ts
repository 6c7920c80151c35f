// Two databases with the same agency, among few and among many other agencies; created once per run.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import pg from 'pg'
import { postgresTemplate } from '../engines.ts'
import { newName, onServer, serverUrl, sharedName } from '../server-run.ts'
import { type FilledDatabase, filledDatabase } from './explain.ts'
import { findRowTemplates } from './row-templates.ts'
import type { Databases } from './sweep.ts'
import { type FilledTable, fill } from './volume.ts'

/** The number of agencies with rows. The cost of a request must be the same in both. */
export const agencies = { few: 100, many: 500 } as const

export interface OpenDatabases extends Databases {
  /** Executes a schema change in both. */
  change(text: string): Promise<void>
  close(): Promise<void>
}

/** Copies of the two databases. Close them in the end. */
export async function openDatabases(): Promise<OpenDatabases> {
  const names = { few: newName(), many: newName() }
  await copyFilled(names)
  const [few, many] = await Promise.all([connected(names.few), connected(names.many)])
  const clients = [few, many]
  return {
    few: await openFilled(few),
    many: await openFilled(many),
    async change(text) {
      for (const client of clients) await client.query(text)
    },
    async close() {
      await Promise.all(clients.map((client) => client.end()))
      await onServer(async (server) => {
        for (const name of Object.values(names)) await server.query(`drop database if exists ${name} with (force)`)
      })
    },
  }
}

async function openFilled(client: pg.Client): Promise<FilledDatabase> {
  const { rows } = await client.query('select filled from volume.tables')
  const filled = (rows[0].filled as StoredTable[]).map(({ table, templates }) => ({
    table,
    templates: templates.map((row_template) => new Map(row_template)),
  }))
  return filledDatabase(client, filled)
}

interface StoredTable extends Pick<FilledTable, 'table'> {
  readonly templates: readonly (readonly [string, string][])[]
}

/** Creates the two unless they exist, and copies them. Locked, since two processes can call it at once. */
async function copyFilled(copies: { few: string; many: string }): Promise<void> {
  const template = await postgresTemplate()
  const hash = createHash('sha256').update(template).update(JSON.stringify(agencies))
  for (const file of [
    './columns.ts',
    './row-templates.ts',
    './volume.ts',
    './databases.ts',
    '../../src/core/tenancy/sample-rows.ts',
  ])
    hash.update(readFileSync(new URL(file, import.meta.url)))
  const id = hash.digest('hex').slice(0, 16)
  const names = { few: sharedName(`few_${id}`), many: sharedName(`many_${id}`) }
  await onServer(async (server) => {
    await server.query('select pg_advisory_lock(7260002)')
    const found = await server.query('select from pg_database where datname = $1', [names.many])
    if (found.rowCount === 0) await make(server, template, names)
    for (const size of ['few', 'many'] as const)
      await server.query(`create database ${copies[size]} template ${names[size]}`)
  })
}

async function make(server: pg.Client, template: string, names: { few: string; many: string }): Promise<void> {
  const building = `${names.many}_building`
  for (const name of [building, names.few]) await server.query(`drop database if exists ${name} with (force)`)
  await server.query(`create database ${building} template ${template}`)
  const filled = await onDatabase(building, async (owner) => {
    const tables = await findRowTemplates(owner)
    const stored = tables.map(({ table, templates }) => ({
      table,
      templates: templates.map((row_template) => [...row_template]),
    }))
    await owner.query('create schema volume; create table volume.tables (filled jsonb)')
    await owner.query('insert into volume.tables values ($1)', [JSON.stringify(stored)])
    await fill(owner, tables, { from: 1, to: agencies.few })
    return tables
  })
  await server.query(`create database ${names.few} template ${building}`)
  await onDatabase(building, (owner) => fill(owner, filled, { from: agencies.few + 1, to: agencies.many }))
  await server.query(`alter database ${building} rename to ${names.many}`)
}

async function connected(database: string): Promise<pg.Client> {
  const url = new URL(serverUrl)
  url.pathname = `/${database}`
  const client = new pg.Client({ connectionString: url.href })
  await client.connect()
  return client
}

async function onDatabase<T>(database: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = await connected(database)
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
