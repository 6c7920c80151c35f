// A process that opens a folder and does what its parent asks: `hold` it, `write` until it cannot, or just open and close it.
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
  // What PostgreSQL does by itself from time to time. It gives up when it cannot.
  for (;;) await pool.query('checkpoint').catch(() => {})
}
if (what === 'hold') {
  process.stdout.write('holds\n')
  setInterval(() => {}, 1000)
} else await close()
