// Dumped embedded databases in .test/. initdb takes two seconds of CPU time, a dump opens at once.
import { createHash } from 'node:crypto'
import { globSync, mkdirSync, readFileSync } from 'node:fs'
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Embedded, type EmbeddedOptions, openEmbedded } from '../src/core/postgres/embedded.ts'

export type Dump = NonNullable<EmbeddedOptions['dump']>

const root = join(import.meta.dirname, '..')
const folder = join(root, '.test')
const read = new Map<string, Promise<Dump>>()

/**
 * The dump of that kind, from its file or created now. `fingerprint`: 16 hex digits over everything the content depends on.
 * Loaded once per process: opening a database copies the dump.
 */
export function dumpOf(kind: string, fingerprint: string, make: () => Promise<Embedded>): Promise<Dump> {
  const name = `${kind}-${fingerprint}.tar`
  const known = read.get(name) ?? readOrMake(kind, name, make)
  read.set(name, known)
  return known
}

async function readOrMake(kind: string, name: string, make: () => Promise<Embedded>): Promise<Dump> {
  const file = join(folder, name)
  const found = await readFile(file).catch(() => undefined)
  const { buffer } = found ?? (await keep(kind, file, await make()))
  // A Blob would be copied three times.
  return { type: 'application/x-tar', arrayBuffer: async () => buffer as ArrayBuffer }
}

/** Writes the dump to the file, closes the database and deletes older dumps of the same kind. */
async function keep(kind: string, file: string, made: Embedded): Promise<Buffer> {
  const content = Buffer.from(await (await made.dump()).arrayBuffer())
  await made.close()
  mkdirSync(folder, { recursive: true })
  const old = (await readdir(folder)).filter((name) => new RegExp(`^${kind}-[0-9a-f]{16}\\.tar$`).test(name))
  await writeFile(`${file}.${process.pid}`, content)
  await rename(`${file}.${process.pid}`, file)
  for (const name of old) if (join(folder, name) !== file) await rm(join(folder, name), { force: true })
  return content
}

/** A hash over the contents of these files. */
export function fingerprintOf(patterns: readonly string[]): string {
  const hash = createHash('sha256')
  for (const file of globSync(patterns, { cwd: root }).sort()) hash.update(readFileSync(join(root, file)))
  return hash.digest('hex').slice(0, 16)
}

/** The result of initdb. */
export function emptyDump(): Promise<Dump> {
  return dumpOf('empty', fingerprintOf(['package-lock.json', 'src/core/postgres/embedded.ts']), () => openEmbedded())
}
