// Which test files there are, and on what each of them runs.
import { globSync, readFileSync, statSync } from 'node:fs'

export interface Selection {
  readonly all: readonly string[]
  /** These race many clients: little else may run beside them. */
  readonly alone: readonly string[]
  /** These take things away and mostly wait until they are back. */
  readonly faults: readonly string[]
  /** All that need both servers. */
  readonly serverOnly: readonly string[]
  /** Suites that open a database of the harness; the others prove the same on either engine, so they run once. */
  readonly onEngine: readonly string[]
  /** Those that open one and say why it does not matter which run on PostgreSQL, where there is one: it is quicker. */
  readonly onEither: readonly string[]
  /** Those that bring a database or processes of their own: most of the longest are among them. */
  readonly own: readonly string[]
}

/** The files whose path contains one of `wanted`, or all. */
export function selectFiles(wanted: readonly string[]): Selection {
  const all = globSync('{src,test,scripts}/**/*.test.ts')
    .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
    // The largest first: most of the longest are among them, and none should run on when all others are done.
    .sort((a, b) => statSync(b).size - statSync(a).size)
  const textOf = (file: string) => readFileSync(file, 'utf8')
  const serverOnly = all.filter((file) => file.endsWith('.server.test.ts'))
  const onBoth = all.filter((file) => !serverOnly.includes(file))
  const onEngine = onBoth.filter((file) => /from '[./]+(test\/)?(harness|engines)\.ts'/.test(textOf(file)))
  return {
    all,
    serverOnly,
    onEngine,
    alone: serverOnly.filter((file) => file.startsWith('test/races/')),
    faults: serverOnly.filter((file) => file.startsWith('test/faults/')),
    onEither: onEngine.filter((file) => /^\/\/ One engine is enough: /m.test(textOf(file))),
    own: onBoth.filter((file) => !onEngine.includes(file)),
  }
}
