// How a statement is run: as whom, and with which of the likely values. The server is asked.
import { auditStatement } from '../isolation/statement-audit.ts'
import { tenantTables } from '../isolation/tables.ts'
import { attempts, type Bench, explain, type Given, identitiesOn, modes } from './explain.ts'

/**
 * Both ways of planning it, for the agency or else for the background worker, whose work across agencies comes first; a
 * statement that only reads is read by an owner too, who sees some rows only. What the server says when it lets nobody.
 */
export async function runsOf(bench: Bench, text: string, read: Given['read']): Promise<Given[] | string> {
  const { tenant, member, owner, system } = identitiesOn(bench)
  const is_across = auditStatement(text, tenantTables).problems.length > 0
  let refused: Refusal | undefined
  for (const by of is_across ? [system, tenant] : [tenant, member, system]) {
    const given = await firstThatRuns(bench, { text, read, by, mode: 'force_custom_plan' })
    if ('read' in given) {
      const runs = modes.map((mode) => ({ ...given, mode }))
      return by === tenant && isRead(text) ? [...runs, { ...given, by: owner }] : runs
    }
    // That somebody else lacks the right says less.
    if (refused === undefined || given.code !== '42501') refused = given
  }
  return `could not be run: ${refused?.message} (its values are made up in test/plans/parameters.ts)`
}

interface Refusal {
  readonly code: string
  readonly message: string
}

async function firstThatRuns(bench: Bench, like: Omit<Given, 'attempt'>): Promise<Given | Refusal> {
  let refused: Refusal = { code: '', message: '' }
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    try {
      await explain(bench, { ...like, attempt })
      return { ...like, attempt }
    } catch (error) {
      const { code = '', message } = error as Error & { code?: string }
      refused = { code, message }
      // Other values help against nothing but what a constraint refuses.
      if (!code.startsWith('23')) break
    }
  }
  return refused
}

export function isRead(text: string): boolean {
  return /^select\b/i.test(text) && !/\bfor (no key )?(update|share)\b/i.test(text)
}
