// What upper bounds are taken by must not grow while the machine does something else, and must while we do.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ownPart, timed } from './stopwatch.ts'

test('time in which the machine gives this process no processor is not its own', async () => {
  const { wall_ms, own_ms } = await timed(async () => {
    // As little as a process that stands in line: no timer, no processor.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400)
  })
  assert.ok(wall_ms > 390 && own_ms < 200, `${own_ms} of ${wall_ms} ms`)
})

test('time in which it computes is, though no timer of it fires meanwhile', async () => {
  const { own_ms } = await timed(async () => {
    const before = process.cpuUsage()
    while (process.cpuUsage(before).user < 200_000) Math.hypot(performance.now())
  })
  assert.ok(own_ms > 190, `${own_ms} ms`)
})

test('time in which it waits on purpose is, as long as its ticks come', async (t) => {
  assert.deepEqual([ownPart(6, 0), ownPart(400, 1), ownPart(400, 300), ownPart(50, 80)], [6, 10, 300, 50])
  t.mock.timers.enable({ apis: ['setInterval'] })
  const { wall_ms, own_ms, result } = await timed(() => new Promise((resolve) => setTimeout(resolve, 300, 'done')))
  assert.ok(result === 'done' && wall_ms > 290 && own_ms <= wall_ms + 1, `${own_ms} of ${wall_ms} ms`)
  // Without ticks, the ones of a mocked clock, all of it would be one late look.
  assert.ok(own_ms > 60, `${own_ms} ms`)
})
