// Dumped embedded databases in .test/: to make one costs PostgreSQL's initdb, two seconds of processor; to open a dump
// costs a moment.
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
 * The dump of that kind, from its file or made now. The fingerprint (16 hex digits) says what the content depends on.
 * Read once in a process: opening a database copies what it needs out of it.
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
  // A Blob would copy it three times on its way.
  return { type: 'application/x-tar', arrayBuffer: async () => buffer as ArrayBuffer }
}

/** Dumps into the file and closes; dumps of the same kind that nothing fits any more go. */
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

/** Of the contents of these files. */
export function fingerprintOf(patterns: readonly string[]): string {
  const hash = createHash('sha256')
  for (const file of globSync(patterns, { cwd: root }).sort()) hash.update(readFileSync(join(root, file)))
  return hash.digest('hex').slice(0, 16)
}

/** What initdb leaves. */
export function emptyDump(): Promise<Dump> {
  return dumpOf('empty', fingerprintOf(['package-lock.json', 'src/core/postgres/embedded.ts']), () => openEmbedded())
}
