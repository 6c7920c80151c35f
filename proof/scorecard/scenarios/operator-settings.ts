// S45: settings that an operator may make on the database: answers and guarantees stay, or doctor and readiness name them.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { root } from '../../../src/store.ts'
import { players } from '../../../test/cast.ts'
import { until } from '../../../test/until.ts'
import { onServer } from '../environment/connect.ts'
import { database } from '../environment/seed.ts'
import { type Check, exactly, fired, type Measure, type Size } from '../scenario.ts'
import { onTarget, type Target } from '../target.ts'

/** Defaults of the database that would change answers or guarantees if Roost relied on them. */
const settings: readonly string[] = [
  "default_transaction_isolation = 'repeatable read'",
  "search_path = 'elsewhere'",
  "datestyle = 'SQL, DMY'",
  'row_security = off',
  "timezone = 'Pacific/Chatham'",
  "intervalstyle = 'iso_8601'",
  'standard_conforming_strings = off',
  "default_transaction_isolation = 'serializable'",
]

/** What Roost cannot set itself: made, undone, and the check of `roost doctor` that names it. */
const named: readonly (readonly [check: string, up: string, down: string])[] = [
  ['connections', `alter database ${database} connection limit 6`, `alter database ${database} connection limit -1`],
  [
    'replication role',
    `alter database ${database} set session_replication_role = 'replica'`,
    `alter database ${database} reset session_replication_role`,
  ],
  [
    'tenancy',
    'create schema authenticated; create table authenticated.guests as select * from public.guests',
    'drop schema authenticated cascade',
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

export const operatorSettings: Measure = {
  id: 'S45',
  title: `${settings.length} defaults of the database, and ${named.length} faults that doctor names`,
  seconds: { full: 60, quick: 15 },
  run: (size) => onTarget((target) => trySettings(target, size)),
}

async function trySettings(target: Target, size: Size): Promise<Check[]> {
  const chosen = size === 'full' ? settings : settings.slice(0, 4)
  const before = await answers(target)
  let [applied, different, refused, races, broken] = [0, 0, 0, 0, 0]
  for (const setting of chosen) {
    await setDefault(target, `set ${setting}`)
    await endSessions(target)
    applied += await isInForce(target, setting)
    if ((await answers(target)) !== before) different += 1
    if (!(await canBook(target, applied))) refused += 1
    if (setting.startsWith('default_transaction_isolation')) {
      const rounds = size === 'full' ? 40 : 10
      broken += await raceAdmins(target, rounds)
      races += rounds
    }
    await setDefault(target, `reset ${setting.split(' ')[0]}`)
  }
  await endSessions(target)
  const unnamed = await unnamedFaults(target, size)
  return [
    fired('settings in force', applied, chosen.length),
    fired('races of two admins', races, 10),
    fired('faults made', size === 'full' ? named.length : 2, 2),
    exactly('settings under which an answer changed', different, 0),
    exactly('settings under which a booking was refused', refused, 0),
    exactly('races after which no admin, or both, were left', broken, 0),
    exactly('faults that doctor did not name', unnamed.join(', ') || 'none', 'none'),
    exactly('readiness with foreign keys unchecked', await readinessWithoutTriggers(target), '503 DATABASE_UNSUITABLE'),
  ]
}

async function answers({ as }: Target): Promise<string> {
  const admin = as('admin')
  const paths = ['properties?limit=5', 'bookings?limit=1', 'guests', 'team', 'agency', 'holds', 'availability/blocks']
  const replies = await Promise.all(paths.map((path) => admin.send('GET', path)))
  return replies.map(({ status, text }) => `${status} ${text}`).join('\n')
}

/** Deleted again, so that the answers stay. */
async function canBook({ as, newHome }: Target, n: number): Promise<boolean> {
  const admin = as('admin')
  const property_id = await newHome({ is_active: true })
  const stay = { property_id, check_in: `2030-01-${10 + n}`, check_out: `2030-01-${12 + n}`, num_adults: 2 }
  const made = await admin.send('POST', 'bookings', stay)
  const gone = await admin.send('DELETE', `bookings/${made.body.id}`)
  await admin.send('DELETE', `properties/${property_id}`)
  return made.status === 201 && gone.status === 204
}

async function isInForce({ cluster }: Target, setting: string): Promise<number> {
  const [name = '', value = ''] = setting.split(' = ')
  const { rows } = await onServer(cluster.urlOf(database), (client) =>
    client.query('select current_setting($1) as is', [name]),
  )
  return rows[0]?.is === value.replaceAll("'", '') ? 1 : 0
}

/** From another database, whose own sessions the default does not reach. */
async function setDefault({ cluster }: Target, change: string): Promise<void> {
  await onServer(cluster.urlOf('postgres'), (client) => client.query(`alter database ${database} ${change}`))
}

/** Changes of the database itself come from another one: its own sessions may only read by then. */
function make({ cluster, rows }: Target, change: string): Promise<unknown> {
  if (!change.startsWith('alter database')) return rows(change)
  return onServer(cluster.urlOf('postgres'), (client) => client.query(change))
}

async function endSessions({ rows }: Target): Promise<void> {
  await rows(`select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and pid <> pg_backend_pid()`, [
    database,
  ])
}

/** How many of the races, in which two admins demote each other, did not leave exactly one. */
async function raceAdmins({ as, rows }: Target, rounds: number): Promise<number> {
  const pair = [players.admin.user_id, players.manager.user_id]
  let broken = 0
  for (let round = 0; round < rounds; round += 1) {
    await rows("update team_members set role = 'admin' where user_id = any ($1)", [pair])
    await until(async () => (await as('manager').send('GET', 'audit-log?limit=1')).status === 200, 60_000)
    await Promise.all([
      as('admin').send('PATCH', `team/${pair[1]}`, { role: 'staff' }),
      as('manager').send('PATCH', `team/${pair[0]}`, { role: 'staff' }),
    ])
    const left = await rows("select 1 from team_members where user_id = any ($1) and role = 'admin' and is_active", [
      pair,
    ])
    if (left.length !== 1) broken += 1
  }
  await rows("update team_members set role = 'admin' where user_id = $1", [pair[0]])
  await rows("update team_members set role = 'manager' where user_id = $1", [pair[1]])
  await until(async () => (await as('admin').send('GET', 'audit-log?limit=1')).status === 200, 60_000)
  return broken
}

async function unnamedFaults(target: Target, size: Size): Promise<string[]> {
  const unnamed: string[] = []
  for (const [check, up, down] of size === 'full' ? named : named.slice(0, 2)) {
    await make(target, up)
    const found = await doctor(target.env)
    if (!found.some((one) => one.check === check && one.result !== 'ok')) unnamed.push(check)
    await make(target, down)
  }
  return unnamed
}

interface Finding {
  readonly check: string
  readonly result: string
}

/** What `roost doctor --json` finds; its exit code does not matter here. */
async function doctor(env: Readonly<Record<string, string>>): Promise<Finding[]> {
  const { PATH, HOME, TMPDIR } = process.env
  const options = { cwd: root, env: { PATH, HOME, TMPDIR, ...env } as NodeJS.ProcessEnv }
  const args = ['--import', './bin/require-node.mjs', 'src/main.ts', 'doctor', '--json']
  const { stdout } = await promisify(execFile)(process.execPath, args, options).catch(
    (error) => error as { stdout: string },
  )
  return JSON.parse(stdout)
}

/** What /health/ready has come to say, once the process has looked again. */
async function readinessWithoutTriggers(target: Target): Promise<string> {
  const [, up, down] = named[1] ?? ['', '', '']
  await target.rows(up)
  await endSessions(target)
  const admin = target.as('admin')
  let seen = ''
  await until(async () => {
    const { status, code } = await admin.send('GET', '/health/ready')
    seen = `${status} ${code}`
    return code === 'DATABASE_UNSUITABLE'
  }, 30_000).catch(() => {})
  await target.rows(down)
  return seen
}
