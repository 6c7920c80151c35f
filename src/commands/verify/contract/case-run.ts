// Triggers each documented error and records how the reply differs from its documentation.
import type { ErrorEntry } from '../../../core/app-error.ts'
import { pageProblems, problemsOf } from './check.ts'
import type { TestEnvironment, Trigger, Triggers } from './environment.ts'
import { headParity } from './head-parity.ts'
import { not_triggered } from './triggers.ts'

interface CaseResult {
  readonly code: string
  readonly status: number
  /** Empty when the error is as documented. */
  readonly problems: readonly string[]
  /** Why it was not triggered; undefined when it was. */
  readonly skipped?: string
}

/** Printed by `--json`. */
export interface ContractReport {
  readonly trials: readonly CaseResult[]
  /** Number of URLs at which HEAD was compared with GET. */
  readonly heads: number
  readonly findings: readonly string[]
}

export interface RunOptions<E extends TestEnvironment> {
  readonly catalogue: readonly ErrorEntry[]
  /** The text of docs/errors.md. */
  readonly page: string
  /** By error code. The first trigger that the environment supports is run. */
  readonly triggers: Triggers<E>
  readonly signal?: AbortSignal
  /** Called after each error. */
  progress?(done: number, all: number): void
}

export async function runCases<E extends TestEnvironment>(
  environment: E,
  options: RunOptions<E>,
): Promise<ContractReport> {
  const trials: CaseResult[] = []
  for (const entry of options.catalogue) {
    options.signal?.throwIfAborted()
    const { problems, skipped } = await runCase(environment, entry, options.triggers[entry.code])
    const { code, status } = entry
    const all = [...problems, ...pageProblems(options.page, entry)]
    trials.push({ code, status, problems: all, ...(skipped !== undefined && { skipped }) })
    options.progress?.(trials.length, options.catalogue.length)
  }
  const heads = await headParity(environment)
  const findings = trials.flatMap(({ code, problems }) => problems.map((problem) => `${code}: ${problem}`))
  return { trials, heads: heads.asked, findings: [...findings, ...heads.problems] }
}

async function runCase<E extends TestEnvironment>(
  environment: E,
  entry: ErrorEntry,
  triggers: readonly Trigger<E>[] | undefined,
): Promise<{ problems: string[]; skipped?: string }> {
  if (triggers === undefined) {
    const reason = not_triggered[entry.code]
    if (reason !== undefined) return { problems: [], skipped: reason }
    return { problems: ['has no trigger (src/commands/verify/contract/triggers.ts)'] }
  }
  const trigger = firstPossible(environment, triggers)
  if (trigger === undefined) return { problems: [], skipped: triggers.at(-1)?.missing(environment) ?? '' }
  try {
    return { problems: problemsOf(await trigger.run(environment), entry) }
  } catch (error) {
    return { problems: [`could not be triggered: ${(error as Error).message}`] }
  }
}

/** The first trigger that the environment supports. */
export function firstPossible<E extends TestEnvironment>(
  environment: E,
  triggers: readonly Trigger<E>[],
): Trigger<E> | undefined {
  return triggers.find(({ missing }) => missing(environment) === undefined)
}
