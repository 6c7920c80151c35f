// A data folder whose database is migrated already. Creating it with `roost migrate up` takes seven seconds of CPU time.
import { openEmbedded } from '../src/core/postgres/embedded.ts'
import { embeddedTemplate } from './engines.ts'

/** Creates the folder `dir` with a migrated database and the cast, as `roost` would find it after a stop. Returns `dir`. */
export async function prepareFolder(dir: string): Promise<string> {
  const { close } = await openEmbedded(dir, { dump: await embeddedTemplate() })
  await close()
  return dir
}
