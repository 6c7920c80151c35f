// S12: failures of Redis, which holds only rate-limit counters, must not affect requests.
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { percentile } from '../../../src/commands/verify/overlap/statistics.ts'
import { type RedisServer, startRedisServer } from '../../../test/redis-server.ts'
import { createSender } from '../../../test/sender.ts'
import { until } from '../../../test/until.ts'
import { withEnvironment } from '../environment/environment.ts'
import { durationsOf, isSuccess, startSteadyLoad, waitUntilSteady } from '../environment/steady-load.ts'
import { atMost, type Check, exactly, info, injected, type Scenario, type Size } from '../scenario.ts'

/** `inject` causes the fault. `countEffects` returns a positive number once it has had an effect; `repair` removes it. */
interface Fault {
  readonly name: string
  /** Duration in the full size, long enough for slow requests at its start to stay below 1 %. */
  readonly seconds: number
  inject(redis: RedisServer): Promise<{ countEffects(): number | Promise<number>; repair(): Promise<unknown> }>
}

const faults: readonly Fault[] = [
  {
    name: 'killed',
    seconds: 20,
    async inject(redis) {
      await redis.kill()
      return {
        countEffects: () =>
          redis.ask('PING').then(
            () => 0,
            () => 1,
          ),
        repair: () => redis.start(),
      }
    },
  },
  {
    name: 'frozen',
    seconds: 30,
    async inject(redis) {
      await redis.freeze()
      // freeze() returns only when Redis is stopped.
      return { countEffects: () => 1, repair: async () => redis.thaw() }
    },
  },
  {
    name: 'sending invalid replies',
    seconds: 10,
    async inject(redis) {
      await redis.kill()
      const server = await startInvalidServer(Number(new URL(redis.url).port))
      return {
        countEffects: server.numReplies,
        async repair() {
          await server.close()
          await redis.start()
        },
      }
    },
  },
  {
    name: 'holding invalid values',
    seconds: 10,
    async inject(redis) {
      const script =
        'local all = redis.call("keys", "*") for _, k in ipairs(all) do redis.call("set", k, "?") end return #all'
      let overwritten = 0
      const timer = setInterval(() => {
        redis.ask('EVAL', script, '0').then(
          (answer) => {
            overwritten += Number(answer.slice(1)) || 0
          },
          () => {},
        )
      }, 100)
      return {
        countEffects: () => overwritten,
        async repair() {
          clearInterval(timer)
          await redis.ask('FLUSHALL')
        },
      }
    },
  },
  {
    name: 'refusing writes (MISCONF)',
    seconds: 10,
    async inject(redis) {
      const folder = (await redis.ask('CONFIG', 'GET', 'dir')).trim().split('\r\n').at(-1) ?? ''
      await rm(folder, { recursive: true })
      await redis.ask('CONFIG', 'SET', 'save', '3600 1')
      await redis.ask('BGSAVE')
      const refuses = async () => (await redis.ask('SET', 'x', '1')).startsWith('-MISCONF')
      await until(refuses)
      return {
        countEffects: async () => ((await refuses()) ? 1 : 0),
        repair: () => redis.ask('CONFIG', 'SET', 'save', ''),
      }
    },
  },
]

export const redisFaults: Scenario = {
  id: 'S12',
  title: 'Redis killed, frozen, invalid or read-only under 200 requests per second',
  seconds: { full: 130 },
  run: (size) =>
    withEnvironment(async (environment) => {
      const durationOf = (seconds: number) => (size === 'full' ? seconds * 1000 : 2000)
      const redis = await startRedisServer()
      environment.defer(() => redis.stop())
      const api = await environment.serve({ REDIS_URL: redis.url, RATE_LIMIT: '1000000' })
      const token = await environment.token('staff')
      const sender = createSender(api.address, token)
      environment.defer(() => sender.close())
      const hasRedisStatus = async (part: string) =>
        ((await sender.send('GET', '/health')).body.checks as { redis: string }).redis === part

      const load = startSteadyLoad({ address: api.address, token, rate: 200 })
      await waitUntilSteady(load, size)
      const baseline_from = performance.now()
      await delay(durationOf(10))
      const between = (from: number, to: number) =>
        load.observations.filter(({ began, ended }) => began > from && ended < to)
      const baseline_p99 = percentile(durationsOf(between(baseline_from, performance.now())), 0.99)
      const checks: Check[] = [info('p99 before the faults, ms', baseline_p99)]
      for (const fault of size === 'full' ? faults : faults.slice(0, 2)) {
        const from = performance.now()
        const { countEffects, repair } = await fault.inject(redis)
        await delay(durationOf(fault.seconds))
        const during = between(from, performance.now())
        checks.push(
          injected(`Redis ${fault.name}`, await countEffects()),
          exactly(`${fault.name}: failed requests`, during.filter((one) => !isSuccess(one)).length, 0),
          addedLatency(fault, Math.max(0, percentile(durationsOf(during), 0.99) - baseline_p99), size),
        )
        await repair()
        await until(() => hasRedisStatus('ok'))
      }
      const observations = await load.stop()
      checks.push(exactly('failed requests in total', observations.filter((one) => !isSuccess(one)).length, 0))
      return checks
    }),
}

/** Informational in the quick size, where two seconds are too short for a p99. */
function addedLatency({ name }: Fault, ms: number, size: Size): Check {
  return size === 'full' ? atMost(`${name}: added p99`, ms, 60, ' ms') : info(`${name}: added p99, ms`, ms)
}

/** A server on the port of Redis that answers everything with an invalid reply. */
async function startInvalidServer(port: number) {
  const sockets = new Set<Socket>()
  let num_replies = 0
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('data', () => {
      num_replies += 1
      socket.write('HTTP/1.1 400 \u0000\u0001 what?\r\n\r\n')
    })
  }).listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    numReplies: () => num_replies,
    async close() {
      server.close()
      for (const socket of sockets) socket.destroy()
      await once(server, 'close')
    },
  }
}
