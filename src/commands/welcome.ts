// The message that `roost serve` prints when the service listens.
import type { Config } from '../config.ts'
import type { CommandContext } from './context.ts'
import { demo_password } from './demo.ts'

/** `has_demo`: whether the demo accounts have the demo password. */
export function printWelcome(context: CommandContext, config: Config, address: string, has_demo: boolean): void {
  const lines = [
    '',
    `  Roost is running at ${address}`,
    '',
    `  API docs   ${address}/docs`,
    `  Health     ${address}/health`,
  ]
  if (config.database_url === undefined) lines.push(`  Database   embedded, in ${config.data_dir}`)
  if (has_demo) lines.push(...describeDemo(address))
  for (const line of [...lines, '']) context.note(line)
}

function describeDemo(address: string): string[] {
  return [
    '',
    `  Demo sign-ins, password ${demo_password}:`,
    '    admin, manager, staff, owner, accountant @alps.example and @coast.example',
    '',
    '  Try:',
    `    curl -s ${address}/api/v1/auth/login -H 'content-type: application/json' \\`,
    `      -d '{"email":"admin@alps.example","password":"${demo_password}"}'`,
  ]
}
