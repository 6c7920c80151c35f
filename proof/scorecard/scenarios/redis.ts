// S12: Redis, which only shares the counts of rate limits, fails in every way it can: nobody may notice.
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { percentile } from '../../../src/commands/verify/overlap/counting.ts'
import { type RedisServer, startRedisServer } from '../../../test/redis-server.ts'
import { createSender } from '../../../test/sender.ts'
import { until } from '../../../test/until.ts'
import { withStage } from '../environment/environment.ts'
import { isGood, settled, steadyLoad, timesOf } from '../environment/steady.ts'
import { atMost, type Check, exactly, fired, type Measure, type Size, told } from '../scenario.ts'

/** Each breaks Redis and returns how it is known to be broken, and how it is mended. */
interface Fault {
  readonly name: string
  /** How long it lasts in a full run. What the first moments cost is a share of the requests of that time. */
  readonly seconds: number
  break(redis: RedisServer): Promise<{ proof(): number | Promise<number>; mend(): Promise<unknown> }>
}

const faults: readonly Fault[] = [
  {
    name: 'killed',
    seconds: 20,
    async break(redis) {
      await redis.kill()
      return {
        proof: () =>
          redis.ask('PING').then(
            () => 0,
            () => 1,
          ),
        mend: () => redis.start(),
      }
    },
  },
  {
    name: 'frozen',
    seconds: 30,
    async break(redis) {
      await redis.freeze()
      // freeze() has seen that it is.
      return { proof: () => 1, mend: async () => redis.thaw() }
    },
  },
  {
    name: 'talking garbage',
    seconds: 10,
    async break(redis) {
      await redis.kill()
      const babble = await startBabble(Number(new URL(redis.url).port))
      return {
        proof: babble.answers,
        async mend() {
          await babble.close()
          await redis.start()
        },
      }
    },
  },
  {
    name: 'holding garbage',
    seconds: 10,
    async break(redis) {
      const script =
        'local all = redis.call("keys", "*") for _, k in ipairs(all) do redis.call("set", k, "?") end return #all'
      let spoilt = 0
      const timer = setInterval(() => {
        redis.ask('EVAL', script, '0').then(
          (answer) => {
            spoilt += Number(answer.slice(1)) || 0
          },
          () => {},
        )
      }, 100)
      return {
        proof: () => spoilt,
        async mend() {
          clearInterval(timer)
          await redis.ask('FLUSHALL')
        },
      }
    },
  },
  {
    name: 'refusing writes (MISCONF)',
    seconds: 10,
    async break(redis) {
      const folder = (await redis.ask('CONFIG', 'GET', 'dir')).trim().split('\r\n').at(-1) ?? ''
      await rm(folder, { recursive: true })
      await redis.ask('CONFIG', 'SET', 'save', '3600 1')
      await redis.ask('BGSAVE')
      const refuses = async () => (await redis.ask('SET', 'x', '1')).startsWith('-MISCONF')
      await until(refuses)
      return { proof: async () => ((await refuses()) ? 1 : 0), mend: () => redis.ask('CONFIG', 'SET', 'save', '') }
    },
  },
]

export const redisFaults: Measure = {
  id: 'S12',
  title: 'Redis killed, frozen, talking and holding garbage, refusing writes; 200 requests a second',
  seconds: { full: 130 },
  run: (size) =>
    withStage(async (stage) => {
      const lasting_ms = (seconds: number) => (size === 'full' ? seconds * 1000 : 2000)
      const redis = await startRedisServer()
      stage.defer(() => redis.stop())
      const api = await stage.serve({ REDIS_URL: redis.url, RATE_LIMIT: '1000000' })
      const token = await stage.token('staff')
      const sender = createSender(api.address, token)
      stage.defer(() => sender.close())
      const redisIs = async (part: string) =>
        ((await sender.send('GET', '/health')).body.checks as { redis: string }).redis === part

      const load = steadyLoad({ address: api.address, token, rate: 200 })
      await settled(load, size)
      const calm_from = performance.now()
      await delay(lasting_ms(10))
      const between = (from: number, to: number) => load.seen.filter(({ began, ended }) => began > from && ended < to)
      const calm = percentile(timesOf(between(calm_from, performance.now())), 0.99)
      const checks: Check[] = [told('p99 with Redis well, ms', calm)]
      for (const fault of size === 'full' ? faults : faults.slice(0, 2)) {
        const from = performance.now()
        const { proof, mend } = await fault.break(redis)
        await delay(lasting_ms(fault.seconds))
        const during = between(from, performance.now())
        checks.push(
          fired(`Redis ${fault.name}`, await proof()),
          exactly(`${fault.name}: failed requests`, during.filter((one) => !isGood(one)).length, 0),
          addedBy(fault, Math.max(0, percentile(timesOf(during), 0.99) - calm), size),
        )
        await mend()
        await until(() => redisIs('ok'))
      }
      const seen = await load.stop()
      checks.push(exactly('failed requests in all', seen.filter((one) => !isGood(one)).length, 0))
      return checks
    }),
}

/** Two seconds hold too few requests for a share of one in a hundred to mean anything: no gate then. */
function addedBy({ name }: Fault, ms: number, size: Size): Check {
  return size === 'full' ? atMost(`${name}: p99 added`, ms, 60, ' ms') : told(`${name}: p99 added, ms`, ms)
}

/** Takes connections as Redis does and answers whatever it hears with bytes that mean nothing. */
async function startBabble(port: number) {
  const sockets = new Set<Socket>()
  let answers = 0
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('data', () => {
      answers += 1
      socket.write('HTTP/1.1 400 \u0000\u0001 what?\r\n\r\n')
    })
  }).listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    answers: () => answers,
    async close() {
      server.close()
      for (const socket of sockets) socket.destroy()
      await once(server, 'close')
    },
  }
}
