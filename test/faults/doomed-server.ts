// The service as a process that kills itself (SIGKILL) at one step of a keyed request, for idempotency.server.test.ts.
//   node doomed-server.ts <step>      prints the port; DATABASE_URL and JWT_SECRET come from the environment
import type { AddressInfo } from 'node:net'
import pg from 'pg'
import { parseConfig } from '../../src/config.ts'
import { createLog } from '../../src/core/log.ts'
import { createRedis } from '../../src/core/redis.ts'
import { assemble } from '../../src/service.ts'
import { openStore } from '../../src/store.ts'

const step = process.argv[2]
const die = () => process.kill(process.pid, 'SIGKILL')

/** The request has come in. What the process says to the database for itself, before and beside it, does not count. */
let has_arrived = false
/** The connection on which the request's key was claimed. */
let claimant: unknown

/** Every statement comes by here on its way to the server; the request's own are those behind the claim. */
function diesAt(connection: unknown, text: string): boolean {
  if (step === 'before begin' && has_arrived && text.startsWith('begin')) return true
  if (text.includes('insert into idempotency_keys')) claimant = connection
  else if (connection === claimant && step === 'after the claim') return true
  if (connection !== claimant) return false
  return (
    (step === 'during the work' && text.includes('insert into audit_log')) ||
    (step === 'before commit' && text === 'commit')
  )
}

/** The parts of the driver that see each statement, because none is kept prepared here, and each answer. */
const wire = pg.Connection.prototype as unknown as { parse(message: { text: string }): void }
const client = pg.Client.prototype as unknown as { _handleCommandComplete(message: { text: string }): void }
const { parse } = wire
wire.parse = function (message) {
  if (diesAt(this, message.text)) die()
  parse.call(this, message)
}
const { _handleCommandComplete: complete } = client
client._handleCommandComplete = function (message) {
  const { connection } = this as unknown as pg.Client
  if (step === 'after commit' && message.text === 'COMMIT' && connection === claimant) die()
  complete.call(this, message)
}

const config = parseConfig({ ...process.env, DATABASE_PREPARED: 'off', RATE_LIMIT: 'off', LOG_LEVEL: 'silent' })
const log = createLog(config.log_level)
const { app } = await assemble(config, await openStore(config, log), createRedis(undefined, log), log)
app.server.on('request', () => {
  has_arrived = true
})
await app.listen({ port: 0, host: '127.0.0.1' })
process.stdout.write(`${(app.server.address() as AddressInfo).port}\n`)
