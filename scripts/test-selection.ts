// Finds the test files and groups them by the engine they run on.
import { globSync, readFileSync, statSync } from 'node:fs'

export interface Selection {
  readonly all: readonly string[]
  /** Files with many concurrent clients, which run with few others. */
  readonly alone: readonly string[]
  /** Files that stop servers or connections. They mostly wait. */
  readonly faults: readonly string[]
  /** Files that need PostgreSQL and Redis. */
  readonly serverOnly: readonly string[]
  /** Files that open a test database; they run on both engines. */
  readonly onEngine: readonly string[]
  /** Files of `onEngine` for which one engine is enough. They run on PostgreSQL when it is available, which is faster. */
  readonly onEither: readonly string[]
  /** Other files of `onEngine`, of features and commands. They run on both engines with --both-engines, else as `onEither`. */
  readonly onBothInCheck: readonly string[]
  /** Files that need Chromium. */
  readonly browser: readonly string[]
  /** Files of `browser` that run on both engines with --both-engines. The others run on PostgreSQL when it is available. */
  readonly browserOnBoth: readonly string[]
  /** Files with their own database or processes, and files without a database. */
  readonly own: readonly string[]
}

/** An import of a helper that opens the database of TEST_ENGINE. */
const opensDatabase = /from '[./]+(test\/)?(harness|engines|import-fixture|error-triggers)\.ts'/

/** The engines differ in the core, and the sweeps send every request once. */
const isOfFeatures = (file: string) => !file.startsWith('src/core/') && !file.startsWith('test/')

/** Selects the files whose path contains one of `wanted`, or all. */
export function selectFiles(wanted: readonly string[]): Selection {
  const all = globSync('{src,test,scripts,web/src}/**/*.test.ts')
    .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
    // The largest first, because they tend to take longest.
    .sort((a, b) => statSync(b).size - statSync(a).size)
  const textOf = (file: string) => readFileSync(file, 'utf8')
  const browser = all.filter((file) => file.endsWith('.browser.test.ts'))
  const serverOnly = all.filter((file) => file.endsWith('.server.test.ts'))
  const onBoth = all.filter((file) => !serverOnly.includes(file) && !browser.includes(file))
  const onEngine = onBoth.filter((file) => opensDatabase.test(textOf(file)))
  const onEither = onEngine.filter((file) => /^\/\/ One engine is enough: /m.test(textOf(file)))
  return {
    all,
    serverOnly,
    browser,
    browserOnBoth: browser.filter((file) => /^\/\/ On both engines: /m.test(textOf(file))),
    onEngine,
    alone: serverOnly.filter((file) => file.startsWith('test/races/')),
    faults: serverOnly.filter((file) => file.startsWith('test/faults/')),
    onEither,
    onBothInCheck: onEngine.filter((file) => isOfFeatures(file) && !onEither.includes(file)),
    own: onBoth.filter((file) => !onEngine.includes(file)),
  }
}
