// S45: database settings that an operator may change do not alter answers or guarantees.
import { players } from '../../../test/cast.ts'
import { until } from '../../../test/until.ts'
import { withConnection } from '../environment/connect.ts'
import { database } from '../environment/seed.ts'
import { type Check, exactly, injected, type Scenario, type Size } from '../scenario.ts'
import { type Target, withTarget } from '../target.ts'
import { doctor_faults, doctorFaults, endSessions } from './doctor-faults.ts'

/** Database defaults that would change answers or guarantees if Roost relied on them. */
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

export const operatorSettings: Scenario = {
  id: 'S45',
  title: `${settings.length} database defaults, and ${doctor_faults.length} faults that doctor names`,
  seconds: { full: 60, quick: 15 },
  run: (size) => withTarget((target) => trySettings(target, size)),
}

async function trySettings(target: Target, size: Size): Promise<Check[]> {
  const chosen = size === 'full' ? settings : settings.slice(0, 4)
  const before = await readAnswers(target)
  let [applied, different, refused, races, broken] = [0, 0, 0, 0, 0]
  for (const setting of chosen) {
    await setDefault(target, `set ${setting}`)
    await endSessions(target)
    applied += await isInEffect(target, setting)
    if ((await readAnswers(target)) !== before) different += 1
    if (!(await canBook(target, applied))) refused += 1
    if (setting.startsWith('default_transaction_isolation')) {
      const rounds = size === 'full' ? 40 : 10
      broken += await countBrokenDemotions(target, rounds)
      races += rounds
    }
    await setDefault(target, `reset ${setting.split(' ')[0]}`)
  }
  await endSessions(target)
  return [
    injected('settings in effect', applied, chosen.length),
    injected('concurrent demotions of two admins', races, 10),
    exactly('settings under which an answer changed', different, 0),
    exactly('settings under which a booking was refused', refused, 0),
    exactly('demotions that left no admin or both', broken, 0),
    ...(await doctorFaults(target, size)),
  ]
}

/** Without versions: demotions raise those of the members. */
async function readAnswers({ as }: Target): Promise<string> {
  const admin = as('admin')
  const paths = ['properties?limit=5', 'bookings?limit=1', 'guests', 'team', 'agency', 'holds', 'availability/blocks']
  const replies = await Promise.all(paths.map((path) => admin.send('GET', path)))
  return replies.map(({ status, text }) => `${status} ${text.replaceAll(/"version":\d+/g, '')}`).join('\n')
}

/** Creates and deletes a booking, so that later answers do not change. */
async function canBook({ as, newProperty }: Target, n: number): Promise<boolean> {
  const admin = as('admin')
  const property_id = await newProperty({ is_active: true })
  const stay = { property_id, check_in: `2030-01-${10 + n}`, check_out: `2030-01-${12 + n}`, num_adults: 2 }
  const made = await admin.send('POST', 'bookings', stay)
  const gone = await admin.send('DELETE', `bookings/${made.body.id}`)
  await admin.send('DELETE', `properties/${property_id}`)
  return made.status === 201 && gone.status === 204
}

async function isInEffect({ cluster }: Target, setting: string): Promise<number> {
  const [name = '', value = ''] = setting.split(' = ')
  const { rows } = await withConnection(cluster.urlOf(database), (client) =>
    client.query('select current_setting($1) as is', [name]),
  )
  return rows[0]?.is === value.replaceAll("'", '') ? 1 : 0
}

/** Connects to another database, which the new default does not affect. */
async function setDefault({ cluster }: Target, change: string): Promise<void> {
  await withConnection(cluster.urlOf('postgres'), (client) => client.query(`alter database ${database} ${change}`))
}

/** Two admins demote each other concurrently. Returns how often not exactly one admin remained. */
async function countBrokenDemotions({ as, rows }: Target, rounds: number): Promise<number> {
  const pair = [players.admin.user_id, players.manager.user_id]
  let broken = 0
  for (let round = 0; round < rounds; round += 1) {
    await rows("update team_members set role = 'admin' where user_id = any ($1)", [pair])
    await until(async () => (await as('manager').send('GET', 'audit-log?limit=1')).status === 200)
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
  await until(async () => (await as('admin').send('GET', 'audit-log?limit=1')).status === 200)
  return broken
}
