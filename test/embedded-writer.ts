// The process of the kill -9 test: inserts rows one by one and reports after 100 acknowledged ones.
import { openEmbedded } from '../src/core/postgres/embedded.ts'

const { pool } = await openEmbedded(process.argv[2])
await pool.query('create table written (n int)')
for (let n = 1; ; n += 1) {
  await pool.query('insert into written values ($1)', [n])
  if (n === 100) process.send?.(n)
}
