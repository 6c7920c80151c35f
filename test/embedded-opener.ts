// A process that opens a data directory, and then holds it, writes to it or closes it.
import { writeFileSync } from 'node:fs'
import { openEmbedded } from '../src/core/postgres/embedded.ts'

const [dir, what, flag = ''] = process.argv.slice(2)
const { pool, close } = await openEmbedded(dir).catch((error: Error) => {
  process.stderr.write(`${error.message}\n`)
  process.exit(2)
})
if (what === 'write') {
  await pool.query('create table t as select n from generate_series(1, 3000) n')
  writeFileSync(flag, '')
  // PostgreSQL runs this from time to time. It exits when that fails.
  for (;;) await pool.query('checkpoint').catch(() => {})
}
if (what === 'hold') {
  process.stdout.write('holds\n')
  setInterval(() => {}, 1000)
} else await close()
