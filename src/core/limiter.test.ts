// The keyed limiter: concurrency, queue limits, order, and slots after errors and aborts.
import assert from 'node:assert/strict'
import { afterEach, mock, test } from 'node:test'
import fc from 'fast-check'
import { createLimiter, type Entry, type Limiter, type LimiterOptions } from './limiter.ts'

class Refused extends Error {}
const refuse = () => new Refused('refused')
const limiterOf = (options: Partial<LimiterOptions> = {}) =>
  createLimiter({ concurrency: 2, maxWaiting: 3, maxWait_ms: 1000, refuse, ...options })

afterEach(() => {
  mock.timers.reset()
  mock.restoreAll()
})

/** Timers and performance.now advance only by `tick`. */
function manualClock(): { tick(ms: number): Promise<void> } {
  let now = 1000
  mock.timers.enable({ apis: ['setTimeout'] })
  mock.method(performance, 'now', () => now)
  return {
    async tick(ms) {
      now += ms
      mock.timers.tick(ms)
      await settled()
    },
  }
}

/** Resolves when all pending promise callbacks have run. */
const settled = () => new Promise(setImmediate)

interface Job {
  state: 'waiting' | 'running' | 'done' | 'failed' | 'dropped'
  error?: unknown
  end(error?: Error): void
  abort(): void
}

/** Runs work in the limiter until `end`, and records its state. */
function enter(limiter: Limiter, key = 'a', entry: Omit<Entry, 'signal'> = {}): Job {
  const controller = new AbortController()
  const work = Promise.withResolvers<void>()
  const job: Job = {
    state: 'waiting',
    end: (error) => (error === undefined ? work.resolve() : work.reject(error)),
    abort: () => controller.abort(new Error('left')),
  }
  const run = limiter.run(key, { ...entry, signal: controller.signal }, () => {
    job.state = 'running'
    return work.promise
  })
  run.then(
    () => {
      job.state = 'done'
    },
    (error: unknown) => {
      job.state = job.state === 'running' ? 'failed' : 'dropped'
      job.error = error
    },
  )
  return job
}

const states = (jobs: readonly Job[]) => jobs.map(({ state }) => state).join(' ')
const many = (n: number, make: (i: number) => Job) => Array.from({ length: n }, (_, i) => make(i))

test('two run, three wait in order, the sixth is refused at once', async () => {
  const limiter = limiterOf()
  const jobs = many(6, () => enter(limiter))
  await settled()
  assert.equal(states(jobs), 'running running waiting waiting waiting dropped')
  assert.ok(jobs[5]?.error instanceof Refused)
  assert.equal(limiter.waiting(), 3)
  jobs[1]?.end()
  await settled()
  assert.equal(states(jobs), 'running done running waiting waiting dropped')
})

test('each key has its own queue; the total is shared', async () => {
  const limiter = limiterOf({ maxWaitingTotal: 4 })
  const jobs = [...many(5, () => enter(limiter, 'a')), ...many(4, () => enter(limiter, 'b'))]
  await settled()
  assert.equal(states(jobs), 'running running waiting waiting waiting running running waiting dropped')
})

test('more entries can wait while mayExceed allows it', async () => {
  const limiter = limiterOf({ mayExceed: (waiting) => waiting < 5 })
  const jobs = many(8, () => enter(limiter))
  await settled()
  assert.equal(states(jobs), 'running running waiting waiting waiting waiting waiting dropped')
})

const leaving: [how: string, leave: (job: Job, tick: (ms: number) => Promise<void>) => unknown][] = [
  ['is aborted', (job) => job.abort()],
  ['waits for too long', (_job, tick) => tick(1001)],
]
for (const [how, leave] of leaving) {
  test(`an entry that ${how} never starts and leaves the queue`, async () => {
    const { tick } = manualClock()
    const limiter = limiterOf({ concurrency: 1, maxWaiting: 1 })
    const [first, second] = many(2, () => enter(limiter))
    await settled()
    await leave(second as Job, tick)
    await settled()
    assert.equal(second?.state, 'dropped')
    const third = enter(limiter)
    first?.end()
    await settled()
    assert.deepEqual([third.state, second?.state, limiter.waiting()], ['running', 'dropped', 0])
  })
}

const ends: [how: string, end: (job: Job) => void, state: string][] = [
  ['succeeds', (job) => job.end(), 'done'],
  ['fails', (job) => job.end(new Error('no')), 'failed'],
]
for (const [how, end, state] of ends) {
  test(`when work ${how}, the next entry starts`, async () => {
    const limiter = limiterOf({ concurrency: 1 })
    const [first, second] = many(2, () => enter(limiter))
    end(first as Job)
    await settled()
    assert.deepEqual([first?.state, second?.state], [state, 'running'])
  })
}

test('running work is not interrupted by its signal or its deadline', async () => {
  const { tick } = manualClock()
  const job = enter(limiterOf(), 'a', { deadline: performance.now() + 10 })
  job.abort()
  await tick(5000)
  assert.equal(job.state, 'running')
})

test('an aborted entry or one after its deadline does not enter the queue', async () => {
  manualClock()
  const limiter = limiterOf({ concurrency: 1 })
  const signal = AbortSignal.abort(new Error('gone'))
  await assert.rejects(
    limiter.run('a', { signal }, async () => 1),
    /gone/,
  )
  enter(limiter)
  await assert.rejects(
    limiter.run('a', { deadline: performance.now() }, async () => 1),
    Refused,
  )
  assert.equal(limiter.waiting(), 0)
})

test('the deadline of an entry ends its wait before maxWait_ms', async () => {
  const { tick } = manualClock()
  const limiter = limiterOf({ concurrency: 1 })
  const jobs = [enter(limiter), enter(limiter, 'a', { deadline: performance.now() + 100 }), enter(limiter)]
  await tick(101)
  assert.equal(states(jobs), 'running dropped waiting')
})

test('an entry after its deadline does not start although its timer is late', async () => {
  let now = 0
  mock.method(performance, 'now', () => now)
  const limiter = limiterOf({ concurrency: 1 })
  const [first, second] = many(2, () => enter(limiter))
  now = 1001
  first?.end()
  await settled()
  assert.equal(second?.state, 'dropped')
})

test('priority 0 starts first, and waiting entries of priority 1 do not fill its queue', async () => {
  const limiter = limiterOf({ concurrency: 1 })
  const running = enter(limiter)
  const second = many(4, () => enter(limiter, 'a', { priority: 1 }))
  const first = many(4, () => enter(limiter, 'a', { priority: 0 }))
  await settled()
  assert.equal(states(second), 'waiting waiting waiting dropped')
  assert.equal(states(first), 'waiting waiting waiting dropped')
  for (const job of [running, ...first.slice(0, 3)]) {
    job.end()
    await settled()
  }
  assert.equal(states(first), 'done done done dropped')
  assert.equal(states(second), 'running waiting waiting dropped')
})

test('an entry that does not fit blocks later entries of less weight', async () => {
  const limiter = limiterOf()
  const light = many(4, () => enter(limiter, 'a', { weight: 0.5 }))
  const heavy = enter(limiter, 'a', { weight: 1 })
  const behind = enter(limiter, 'a', { weight: 0.5 })
  light[0]?.end()
  await settled()
  assert.deepEqual([heavy.state, behind.state], ['waiting', 'waiting'])
  heavy.abort()
  await settled()
  assert.deepEqual([heavy.state, behind.state], ['dropped', 'running'])
})

type Step =
  | { what: 'enter'; key: string; priority: 0 | 1; weight: number }
  | { what: 'end' | 'throw' | 'abort'; n: number }
  | { what: 'tick'; ms: number }
const key = fc.constantFrom('a', 'b')
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constant('enter' as const),
      key,
      priority: fc.constantFrom(0, 1),
      weight: fc.constantFrom(0.5, 1),
    }),
  },
  { weight: 3, arbitrary: fc.record({ what: fc.constantFrom('end', 'throw', 'abort'), n: fc.nat(30) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('tick' as const), ms: fc.nat(700) }) },
)

type Known = Job & { readonly key: string; readonly weight: number }

async function play(limiter: Limiter, jobs: Known[], next: Step, tick: (ms: number) => Promise<void>): Promise<void> {
  if (next.what === 'tick') return tick(next.ms)
  if (next.what === 'enter') jobs.push(Object.assign(enter(limiter, next.key, next), { ...next }))
  else {
    const job = jobs[next.n % Math.max(1, jobs.length)]
    if (next.what === 'abort') job?.abort()
    else if (job?.state === 'running') job.end(next.what === 'throw' ? new Error('no') : undefined)
  }
  await settled()
}

function checkBounds(limiter: Limiter, jobs: readonly Known[]): void {
  const all = jobs.filter(({ state }) => state === 'waiting')
  assert.ok(all.length <= 7, 'at most maxWaitingTotal entries wait')
  assert.equal(limiter.waiting(), all.length)
  for (const key of ['a', 'b']) {
    const running = jobs.filter((job) => job.key === key && job.state === 'running')
    const weight = running.reduce((sum, job) => sum + job.weight, 0)
    const waiting = all.filter((job) => job.key === key)
    assert.ok(weight <= 2, 'at most the concurrency runs')
    assert.ok(waiting.length <= 6, 'three of each priority')
    assert.ok(weight > 1 || waiting.length === 0, 'nothing waits beside a free slot')
  }
}

async function endAll(jobs: readonly Known[]): Promise<void> {
  while (jobs.some(({ state }) => state === 'running')) {
    for (const job of jobs) if (job.state === 'running') job.end()
    await settled()
  }
}

test('property: the limits hold, every entry ends, and every slot is released', async () => {
  const { tick } = manualClock()
  const property = fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
    const limiter = limiterOf({ maxWaitingTotal: 7 })
    const jobs: Known[] = []
    for (const next of steps) {
      await play(limiter, jobs, next, tick)
      checkBounds(limiter, jobs)
    }
    await endAll(jobs)
    assert.ok(jobs.every(({ state }) => ['done', 'failed', 'dropped'].includes(state)))
    const fresh = many(2, () => enter(limiter))
    await settled()
    assert.equal(states(fresh), 'running running', 'every slot is released')
  })
  await fc.assert(property, { numRuns: 300 })
})
