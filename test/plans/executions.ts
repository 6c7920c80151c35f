// How a statement is executed: by which role, and with which values. Determined by trying.
import { auditStatement } from '../isolation/statement-audit.ts'
import { tenantTables } from '../isolation/tables.ts'
import { attempts, type Execution, explain, type FilledDatabase, identitiesOn, modes } from './explain.ts'

/**
 * Custom and generic plan, as the agency or else as the background worker (the worker first for statements across
 * agencies). Reads are also executed as an owner, who sees some rows only. A string is the error when no role can execute it.
 */
export async function executionsOf(
  database: FilledDatabase,
  text: string,
  read: Execution['read'],
): Promise<Execution[] | string> {
  const { tenant, member, owner, system } = identitiesOn(database)
  const is_across = auditStatement(text, tenantTables).problems.length > 0
  let refused: Refusal | undefined
  for (const by of is_across ? [system, tenant] : [tenant, member, system]) {
    const given = await firstExecution(database, { text, read, by, mode: 'force_custom_plan' })
    if ('read' in given) {
      const runs = modes.map((mode) => ({ ...given, mode }))
      return by === tenant && isRead(text) ? [...runs, { ...given, by: owner }] : runs
    }
    // A missing privilege of another role is less informative.
    if (refused === undefined || given.code !== '42501') refused = given
  }
  return `could not be run: ${refused?.message} (its values are made up in test/plans/parameters.ts)`
}

interface Refusal {
  readonly code: string
  readonly message: string
}

async function firstExecution(
  database: FilledDatabase,
  like: Omit<Execution, 'attempt'>,
): Promise<Execution | Refusal> {
  let refused: Refusal = { code: '', message: '' }
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    try {
      await explain(database, { ...like, attempt })
      return { ...like, attempt }
    } catch (error) {
      const { code = '', message } = error as Error & { code?: string }
      refused = { code, message }
      // Only a constraint violation can be avoided with other values.
      if (!code.startsWith('23')) break
    }
  }
  return refused
}

const changes = /\bfor (?:no key )?(?:update|share)\b|\b(?:insert into|delete from|update \S+(?: \w+)? set)\b/i

export function isRead(text: string): boolean {
  return /^(select|with)\b/i.test(text) && !changes.test(text)
}
