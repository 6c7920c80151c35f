// One process of npm test: claims test files of the run and runs each as a suite.
import { describe, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { saveStatements } from '../test/isolation/collector.ts'
import { claimNext, markFinished, readRun } from './test-run.ts'

/** A process with this RSS takes no more files; a new process runs the others. */
const max_rss_bytes = 1.5e9

/** Time for the process to end after its last test. Later it fails because of open resources. */
const exit_timeout_ms = Number(process.env.TEST_END_MS ?? 300_000)

/** Timeout of a file, for endless loops and files that do not load. Tests have their own timeout (scripts/test.ts). */
const file_timeout_ms = 900_000

/** Runs in a worker thread, because an endless loop blocks this one. */
const watchdog = new Worker(
  `const { parentPort } = require('node:worker_threads')
  let timer
  parentPort.on('message', (file) => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      require('node:fs').writeSync(2, file + ' timed out after ${file_timeout_ms / 1000} s\\n')
      process.kill(process.pid, 'SIGKILL')
    }, ${file_timeout_ms})
  })`,
  { eval: true },
)
watchdog.unref()

/**
 * Resolves when the tests and hooks of the file have run. The file is imported in a suite, so its top-level hooks run around
 * its own tests only.
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
while (process.memoryUsage.rss() < max_rss_bytes) {
  const claimed = claimNext(run)
  if (claimed === undefined) break
  watchdog.postMessage(claimed.file)
  await runFile(claimed.file)
  // Saves the collected statements, so that those of the next file are recorded separately.
  saveStatements()
  markFinished(run, claimed)
}

setTimeout(() => {
  const kinds = [...new Set(process.getActiveResourcesInfo())].join(', ')
  process.stderr.write(`A test file left resources open, so the process does not end: ${kinds}\n`)
  process.exit(1)
}, exit_timeout_ms).unref()
