// The service as a process that kills itself (SIGKILL) at one step of a keyed request.
//   node killed-server.ts <step>      prints the port; DATABASE_URL and JWT_SECRET come from the environment
import type { AddressInfo } from 'node:net'
import pg from 'pg'
import { parseConfig } from '../../src/config.ts'
import { createLog } from '../../src/core/log.ts'
import { createRedis } from '../../src/core/redis.ts'
import { assemble } from '../../src/service.ts'
import { openStore } from '../../src/store.ts'

const step = process.argv[2]
const killProcess = () => process.kill(process.pid, 'SIGKILL')

/** Set once the request has arrived. Statements of the process itself do not count. */
let has_arrived = false
/** The connection on which the key was claimed. */
let key_connection: unknown

/** Called with every statement sent. The request's statements are those after the claim. */
function isKillStep(connection: unknown, text: string): boolean {
  if (step === 'before begin' && has_arrived && text.startsWith('begin')) return true
  if (text.includes('app.claim_key')) key_connection = connection
  if (connection !== key_connection) return false
  return (
    (step === 'during the work' && text.includes('insert into bookings')) ||
    (step === 'before commit' && text === 'commit')
  )
}

/** The driver's methods that see each statement and each response; statements are not prepared here. */
const wire = pg.Connection.prototype as unknown as { parse(message: { text: string }): void }
const client = pg.Client.prototype as unknown as { _handleCommandComplete(message: { text: string }): void }
const { parse } = wire
wire.parse = function (message) {
  if (isKillStep(this, message.text)) killProcess()
  parse.call(this, message)
}
const { _handleCommandComplete: complete } = client
client._handleCommandComplete = function (message) {
  const { connection } = this as unknown as pg.Client
  const is_at_step = step === 'after the claim' || (step === 'after commit' && message.text === 'COMMIT')
  if (is_at_step && connection === key_connection) killProcess()
  complete.call(this, message)
}

const config = parseConfig({
  ...process.env,
  DATABASE_PREPARED: 'off',
  RATE_LIMIT: 'off',
  MAX_LOOP_DELAY: 'off',
  LOG_LEVEL: 'silent',
})
const log = createLog(config.log_level)
const { app } = await assemble(config, await openStore(config, log), createRedis(undefined, log), log)
app.server.on('request', () => {
  has_arrived = true
})
await app.listen({ port: 0, host: '127.0.0.1' })
process.stdout.write(`${(app.server.address() as AddressInfo).port}\n`)
