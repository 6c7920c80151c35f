// Part of S45: database faults that Roost cannot correct; `roost doctor` and readiness must name them.
import { until } from '../../../test/until.ts'
import { withConnection } from '../environment/connect.ts'
import { runRoost } from '../environment/roost-command.ts'
import { database } from '../environment/seed.ts'
import { type Check, exactly, injected, type Size } from '../scenario.ts'
import type { Target } from '../target.ts'

/** The check of `roost doctor` that must name the fault, and statements that apply and undo it. */
export const doctor_faults: readonly (readonly [check: string, up: string, down: string])[] = [
  ['connections', `alter database ${database} connection limit 6`, `alter database ${database} connection limit -1`],
  [
    'replication role',
    `alter database ${database} set session_replication_role = 'replica'`,
    `alter database ${database} reset session_replication_role`,
  ],
  ['roles', 'revoke roost_tenant from roost_test_api', 'grant roost_tenant to roost_test_api'],
  [
    'tenancy',
    'create schema roost_tenant; create table roost_tenant.guests as select * from public.guests',
    'drop schema roost_tenant cascade',
  ],
  [
    'read only',
    `alter database ${database} set default_transaction_read_only = on`,
    `alter database ${database} reset default_transaction_read_only`,
  ],
  [
    'durability',
    `alter database ${database} set synchronous_commit = off`,
    `alter database ${database} reset synchronous_commit`,
  ],
]

/** Applies the faults one after the other. Leaves the database as it was. */
export async function doctorFaults(target: Target, size: Size): Promise<Check[]> {
  const chosen = size === 'full' ? doctor_faults : doctor_faults.slice(0, 2)
  const unnamed = await findUnnamedFaults(target, chosen)
  return [
    injected('faults applied', chosen.length, 2),
    exactly('faults that doctor did not name', unnamed.join(', ') || 'none', 'none'),
    exactly('readiness with foreign keys unchecked', await readinessWithoutTriggers(target), '503 DATABASE_UNSUITABLE'),
  ]
}

async function findUnnamedFaults(target: Target, faults: typeof doctor_faults): Promise<string[]> {
  const unnamed: string[] = []
  for (const [check, up, down] of faults) {
    await execute(target, up)
    const found = await doctor(target.env)
    if (!found.some((one) => one.check === check && one.result !== 'ok')) unnamed.push(check)
    await execute(target, down)
  }
  return unnamed
}

interface Finding {
  readonly check: string
  readonly result: string
}

/** The findings of `roost doctor --json`, whatever its exit code. */
async function doctor(env: Readonly<Record<string, string>>): Promise<Finding[]> {
  return JSON.parse((await runRoost(['doctor', '--json'], env)).stdout)
}

/** The answer of /health/ready once the process has checked the database again. */
async function readinessWithoutTriggers(target: Target): Promise<string> {
  const [, up, down] = doctor_faults[1] ?? ['', '', '']
  await target.rows(up)
  await endSessions(target)
  const admin = target.as('admin')
  let answer = ''
  await until(async () => {
    const { status, code } = await admin.send('GET', '/health/ready')
    answer = `${status} ${code}`
    return code === 'DATABASE_UNSUITABLE'
  }).catch(() => {})
  await target.rows(down)
  return answer
}

/** `alter database` runs in another database: sessions of this one may be read-only. */
function execute({ cluster, rows }: Target, change: string): Promise<unknown> {
  if (!change.startsWith('alter database')) return rows(change)
  return withConnection(cluster.urlOf('postgres'), (client) => client.query(change))
}

/** Ends all other sessions of the database, so that new sessions get the new settings. */
export async function endSessions({ rows }: Target): Promise<void> {
  await rows(`select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and pid <> pg_backend_pid()`, [
    database,
  ])
}
