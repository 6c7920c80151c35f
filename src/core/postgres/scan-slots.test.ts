// Scan slots: one scan per agency, round robin between agencies, bounded queues.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createScanSlots, type ScanSlots } from './scan-slots.ts'

/** Scans that run until `end`. `running` has the active ones, `log` the names of all started ones in order. */
function scansOn(slots: ScanSlots) {
  const running = new Map<string, () => void>()
  const log: string[] = []
  const start = (agency: string, name: string, signal?: AbortSignal) =>
    slots
      .run(agency, signal, () => {
        log.push(name)
        return new Promise<void>((resolve) => running.set(name, resolve))
      })
      .then(
        () => 'done',
        (error) => String(error.code ?? error.message),
      )
  const settled = () => new Promise(setImmediate)
  const end = async (name: string) => {
    await settled()
    running.get(name)?.()
    running.delete(name)
    await settled()
  }
  return { running, log, start, end, settled }
}

test('a second scan of an agency waits for the first one; another agency does not', async () => {
  const { log, start, end, settled } = scansOn(createScanSlots({ total: 5 }))
  const all = [start('a', 'a1'), start('a', 'a2'), start('b', 'b1')]
  await settled()
  assert.deepEqual(log, ['a1', 'b1'])
  await end('a1')
  assert.deepEqual(log, ['a1', 'b1', 'a2'])
  await end('a2')
  await end('b1')
  assert.deepEqual(await Promise.all(all), ['done', 'done', 'done'])
})

test('when all slots are taken, the next ones go to the agencies in turn', async () => {
  const { log, start, end } = scansOn(createScanSlots({ total: 1 }))
  const all = ['a1', 'a2', 'a3', 'b1', 'c1', 'b2'].map((name) => start(name[0] ?? '', name))
  for (const name of ['a1', 'b1', 'c1', 'a2', 'b2', 'a3']) await end(name)
  assert.deepEqual(log, ['a1', 'b1', 'c1', 'a2', 'b2', 'a3'])
  assert.deepEqual(new Set(await Promise.all(all)), new Set(['done']))
})

test('at most `total` scans run at once, and every free slot is used', async () => {
  const { running, log, start, end, settled } = scansOn(createScanSlots({ total: 3 }))
  const agencies = Array.from({ length: 10 }, (_, n) => `agency ${n}`)
  const all = agencies.flatMap((agency) => [start(agency, `${agency} 1`), start(agency, `${agency} 2`)])
  await settled()
  while (log.length < 20 || running.size > 0) {
    assert.ok(running.size <= 3)
    assert.ok(running.size === 3 || log.length === 20, `${running.size} run, ${log.length} began`)
    await end([...running.keys()][0] ?? '')
  }
  assert.deepEqual(new Set(await Promise.all(all)), new Set(['done']))
})

test('a full queue refuses at once; a scan that waits too long is refused and never starts', async () => {
  const { log, start, end } = scansOn(createScanSlots({ total: 5, max_waiting: 2, max_wait_ms: 20 }))
  const first = start('a', 'a1')
  const waiting = [start('a', 'a2'), start('a', 'a3')]
  assert.equal(await Promise.race([...waiting, start('a', 'a4')]), 'POOL_EXHAUSTED')
  assert.deepEqual(await Promise.all(waiting), ['POOL_EXHAUSTED', 'POOL_EXHAUSTED'])
  await end('a1')
  assert.deepEqual([await first, log], ['done', ['a1']])
  const next = start('a', 'a5')
  await end('a5')
  assert.equal(await next, 'done')
})

test('a waiting scan is dropped when its client disconnects', async () => {
  const { log, start, end } = scansOn(createScanSlots({ total: 5 }))
  const left = new AbortController()
  const first = start('a', 'a1')
  const second = start('a', 'a2', left.signal)
  const third = start('a', 'a3')
  left.abort(new Error('left'))
  assert.equal(await second, 'left')
  assert.equal(await start('a', 'a4', left.signal), 'left')
  await end('a1')
  await end('a3')
  assert.deepEqual([await first, await third, log], ['done', 'done', ['a1', 'a3']])
})
