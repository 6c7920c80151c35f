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
let claimant: pg.Client | undefined

/** Every statement goes through here; the request's own are those behind the claim, on the same connection. */
function watch(client: pg.Client, text: string): 'die now' | 'die after' | undefined {
  if (step === 'before begin' && has_arrived && text === 'begin') return 'die now'
  if (text.includes('insert into idempotency_keys')) claimant = client
  else if (client === claimant && step === 'after the claim') return 'die now'
  if (client !== claimant) return undefined
  if (step === 'during the work' && text.includes('insert into audit_log')) return 'die now'
  if (text !== 'commit') return undefined
  if (step === 'before commit') return 'die now'
  return step === 'after commit' ? 'die after' : undefined
}

const send = pg.Client.prototype.query as (...parts: unknown[]) => Promise<unknown>
Object.assign(pg.Client.prototype, {
  query(this: pg.Client, ...parts: unknown[]) {
    const [first] = parts
    const fate = watch(this, typeof first === 'string' ? first : String((first as { text?: string }).text))
    if (fate === 'die now') die()
    const sent = send.apply(this, parts)
    return fate === 'die after' ? sent.then(die) : sent
  },
})

const config = parseConfig({ ...process.env, RATE_LIMIT: 'off', LOG_LEVEL: 'silent' })
const log = createLog(config.log_level)
const { app } = await assemble(config, await openStore(config, log), createRedis(undefined, log), log)
app.server.on('request', () => {
  has_arrived = true
})
await app.listen({ port: 0, host: '127.0.0.1' })
process.stdout.write(`${(app.server.address() as AddressInfo).port}\n`)
