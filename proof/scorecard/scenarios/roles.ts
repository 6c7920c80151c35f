// S20: every operation by every role, anonymously and by a former member.
import { roles } from '../../../src/core/auth/permissions.ts'
import type { Sender } from '../../../test/sender.ts'
import { fetchOperations, type Operation } from '../fuzz/document.ts'
import { exactly, injected, type Scenario } from '../scenario.ts'
import { type Target, withTarget } from '../target.ts'

export const roleMatrix: Scenario = {
  id: 'S20',
  title: 'Role matrix: every operation by every role',
  seconds: { full: 8 },
  run: () => withTarget(checkMatrix),
}

const absent_id = '00000000-0000-7000-8000-00000000dead'

async function checkMatrix(target: Target) {
  const operations = await fetchOperations(target.as(undefined))
  const wrong: string[] = []
  let cells = 0

  async function checkCell(
    sender: Sender,
    who: string,
    operation: Operation,
    expected: number | undefined,
  ): Promise<void> {
    const { status } = await call(sender, operation)
    cells += 1
    const is_right = expected === undefined ? ![401, 403].includes(status) && status < 500 : status === expected
    if (!is_right) wrong.push(`${operation.name} by ${who}: ${status}, expected ${expected ?? 'access'}`)
  }

  const senders = Object.fromEntries(roles.map((role) => [role, target.as(role)]))
  const [anonymous, former] = [target.as(undefined), target.as('former')]
  for (const operation of operations) {
    const names_roles = operation.roles.length > 0
    await checkCell(anonymous, 'anonymous', operation, operation.is_open ? undefined : 401)
    if (names_roles) await checkCell(former, 'a former member', operation, 403)
    for (const role of roles) {
      const is_permitted = !names_roles || operation.roles.includes(role)
      await checkCell(senders[role] as Sender, role, operation, is_permitted ? undefined : 403)
    }
  }
  for (const line of wrong) process.stderr.write(`S20: ${line}\n`)
  return [
    injected('operations of the document', operations.length, 50),
    injected('cells of the matrix', cells, operations.length * 6),
    exactly('cells that differ from the document', wrong.length, 0),
  ]
}

/** The body is invalid JSON, so that permitted callers are refused as well and nothing changes. */
function call(sender: Sender, { method, path }: Operation) {
  const has_body = method === 'POST' || method === 'PATCH'
  return sender.send(method, path.replace('{id}', absent_id), has_body ? '{"unknown_field":' : undefined)
}
