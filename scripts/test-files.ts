// One process of npm test: takes test file after test file of the run and runs each as a suite of its own.
import { describe, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { saveStatements } from '../test/isolation/collector.ts'
import { claimNext, finished, readRun } from './test-run.ts'

/** A process that has grown to this leaves the other files to a fresh one. */
const enough_bytes = 1.5e9

/** After its last test a process ends by itself; one that does not is told apart from a test that hangs. */
const left_open_ms = Number(process.env.TEST_END_MS ?? 60_000)

/** Each test has ten minutes (scripts/test.ts); a file in an endless loop, or one that never loads, has this. */
const file_ms = 900_000

/** A thread of its own, because whatever hangs may never let this one run again. */
const watchdog = new Worker(
  `const { parentPort } = require('node:worker_threads')
  let timer
  parentPort.on('message', (file) => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      require('node:fs').writeSync(2, file + ' hangs: no end after ${file_ms / 1000} s\\n')
      process.kill(process.pid, 'SIGKILL')
    }, ${file_ms})
  })`,
  { eval: true },
)
watchdog.unref()

/**
 * Ends when the file's tests and hooks are through. What the file registers at its top level is registered in the suite
 * it is imported in, so its hooks run around its own tests only.
 */
async function runFile(file: string): Promise<void> {
  await describe(file, async () => {
    try {
      await import(pathToFileURL(file).href)
    } catch (error) {
      test(`${file} can be loaded`, () => Promise.reject(error))
    }
  })
}

const run = readRun(process.env.TEST_RUN ?? '')
while (process.memoryUsage.rss() < enough_bytes) {
  const claimed = claimNext(run)
  if (claimed === undefined) break
  watchdog.postMessage(claimed.file)
  await runFile(claimed.file)
  // As if the process ended here: what the next file sends is sent for the first time.
  saveStatements()
  finished(run, claimed)
}

setTimeout(() => {
  const kinds = [...new Set(process.getActiveResourcesInfo())].join(', ')
  process.stderr.write(`A test file left something open, the process does not end: ${kinds}\n`)
  process.exit(1)
}, left_open_ms).unref()
