// S20: every operation, by every role, by nobody and by somebody who was a member: only those get in whom the document names.
import { roles } from '../../../src/core/auth/permissions.ts'
import type { Sender } from '../../../test/sender.ts'
import { type Operation, operationsAt } from '../fuzz/document.ts'
import { exactly, fired, type Measure } from '../scenario.ts'
import { onTarget, type Target } from '../target.ts'

export const roleMatrix: Measure = {
  id: 'S20',
  title: 'Role matrix: every operation by every role',
  seconds: { full: 8 },
  run: () => onTarget(compared),
}

const missing = '00000000-0000-7000-8000-00000000dead'

async function compared(target: Target) {
  const operations = await operationsAt(target.as(undefined))
  const wrong: string[] = []
  let cells = 0

  async function cell(sender: Sender, who: string, operation: Operation, expected: number | undefined): Promise<void> {
    const { status } = await call(sender, operation)
    cells += 1
    const is_right = expected === undefined ? ![401, 403].includes(status) && status < 500 : status === expected
    if (!is_right) wrong.push(`${operation.name} by ${who}: ${status}, not ${expected ?? 'let in'}`)
  }

  const by = Object.fromEntries(roles.map((role) => [role, target.as(role)]))
  const [nobody, former] = [target.as(undefined), target.as('former')]
  for (const operation of operations) {
    const names_roles = operation.roles.length > 0
    await cell(nobody, 'nobody', operation, operation.is_open ? undefined : 401)
    if (names_roles) await cell(former, 'a former member', operation, 403)
    for (const role of roles) {
      const may = !names_roles || operation.roles.includes(role)
      await cell(by[role] as Sender, role, operation, may ? undefined : 403)
    }
  }
  for (const line of wrong) process.stderr.write(`S20: ${line}\n`)
  return [
    fired('operations of the document', operations.length, 50),
    fired('cells of the matrix', cells, operations.length * 6),
    exactly('cells that are not as documented', wrong.length, 0),
  ]
}

/** A body that is no JSON: whoever may call is told so, everybody else is not, and nothing is done. */
function call(sender: Sender, { method, path }: Operation) {
  const has_body = method === 'POST' || method === 'PATCH'
  return sender.send(method, path.replace('{id}', missing), has_body ? '{"unknown_field":' : undefined)
}
