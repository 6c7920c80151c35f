// Provokes one code after the other and writes down what each came as. What cannot be provoked is counted, never hidden.
import type { ErrorEntry } from '../../../core/app-error.ts'
import { pageProblems, problemsOf } from './check.ts'
import { headParity } from './parity.ts'
import { provocations, unprovoked } from './provocations.ts'
import { lack, type Scene, type Way } from './scene.ts'

export interface Trial {
  readonly code: string
  readonly status: number
  /** Empty: as documented. */
  readonly problems: readonly string[]
  /** Why it was not provoked; undefined when it was. */
  readonly skipped?: string
}

export interface ContractReport {
  readonly trials: readonly Trial[]
  /** Addresses where HEAD was compared with GET. */
  readonly heads: number
  readonly findings: readonly string[]
}

export interface TrialOptions {
  readonly catalogue: readonly ErrorEntry[]
  /** docs/errors.md. */
  readonly page: string
  readonly signal?: AbortSignal
  /** Called after each code: how many of how many. */
  progress?(done: number, all: number): void
  /** In place of those of provocations.ts. */
  readonly ways?: Readonly<Record<string, readonly Way[]>>
}

export async function tryAll(scene: Scene, options: TrialOptions): Promise<ContractReport> {
  const trials: Trial[] = []
  for (const entry of options.catalogue) {
    options.signal?.throwIfAborted()
    const { problems, skipped } = await tryOne(scene, entry, (options.ways ?? provocations)[entry.code])
    const { code, status } = entry
    const all = [...problems, ...pageProblems(options.page, entry)]
    trials.push({ code, status, problems: all, ...(skipped !== undefined && { skipped }) })
    options.progress?.(trials.length, options.catalogue.length)
  }
  const heads = await headParity(scene)
  const findings = trials.flatMap(({ code, problems }) => problems.map((problem) => `${code}: ${problem}`))
  return { trials, heads: heads.asked, findings: [...findings, ...heads.problems] }
}

async function tryOne(
  scene: Scene,
  entry: ErrorEntry,
  ways: readonly Way[] | undefined,
): Promise<{ problems: string[]; skipped?: string }> {
  if (ways === undefined) {
    const reason = unprovoked[entry.code]
    if (reason !== undefined) return { problems: [], skipped: reason }
    return { problems: ['nobody has said how to provoke it (src/commands/verify/contract/provocations.ts)'] }
  }
  const way = ways.find(({ needs }) => lack(scene, needs) === undefined)
  if (way === undefined) return { problems: [], skipped: lack(scene, ways.at(-1)?.needs ?? 'nothing') ?? '' }
  try {
    return { problems: problemsOf(await way.provoke(scene), entry) }
  } catch (error) {
    return { problems: [`could not be provoked: ${(error as Error).message}`] }
  }
}
