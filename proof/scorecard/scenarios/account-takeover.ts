// S42: attempts to take over an account or an agency through HTTP and the command line.
import { setTimeout as delay } from 'node:timers/promises'
import { password, players, south } from '../../../test/cast.ts'
import type { Sender } from '../../../test/sender.ts'
import { runRoost } from '../environment/roost-command.ts'
import { exactly, info, injected, type Scenario, type Size } from '../scenario.ts'
import { type Target, withTarget } from '../target.ts'

export const accountTakeover: Scenario = {
  id: 'S42',
  title: 'Account takeover: invitations, removed admins, copied tokens, single sign-on',
  seconds: { full: 30, quick: 15 },
  run: (size) => withTarget((target) => runAttacks(target, size)),
}

const attacker_password = 'chosen by the inviting admin'
const victim_password = 'four words are enough'

/** How often the attack was carried out, and how often it succeeded. */
interface AttackResult {
  readonly attempts: number
  readonly successes: number
}

type Attack = (context: AttackContext) => Promise<AttackResult>

interface AttackContext {
  readonly target: Target
  readonly anonymous: Sender
  readonly size: Size
  /** Returns the access token, or undefined when sign-in is refused. */
  signIn(email: string, password: string): Promise<string | undefined>
  invite(by: Sender, email: string, role: string): Promise<string>
  accept(token: string, password: string): Promise<{ status: number; token: string }>
  /** Returns the status of a GET request with this token. */
  read(token: string, path: string, agency?: string): Promise<number>
  /** Runs bin/roost as the operator. Returns whether it exited with code 0. */
  roost(...args: string[]): Promise<boolean>
}

function createContext(target: Target, size: Size): AttackContext {
  const anonymous = target.as(undefined)
  const post = (path: string, body: object) => anonymous.send('POST', path, body)
  return {
    target,
    anonymous,
    size,
    async signIn(email, given) {
      const { status, body } = await post('auth/login', { email, password: given })
      return status === 200 ? String(body.token) : undefined
    },
    async invite(by, email, role) {
      return String((await by.send('POST', 'team', { email, role })).body.token)
    },
    async accept(token, given) {
      const { status, body } = await post('auth/invitations/accept', { token, password: given })
      return { status, token: String(body.token) }
    },
    async read(token, path, agency) {
      const headers = { authorization: `Bearer ${token}`, ...(agency && { 'x-agency-id': agency }) }
      return (await anonymous.send('GET', path, undefined, headers)).status
    },
    roost: async (...args) => (await runRoost(args, target.env)).code === 0,
  }
}

/** An admin invites a foreign address and accepts; later the operator adds the address to another agency. */
const operatorAdds: Attack = async ({ target, invite, accept, signIn, read, roost }) => {
  const email = 'taken@example.com'
  const made = await accept(await invite(target.as('admin'), email, 'admin'), attacker_password)
  const is_added = await roost('member', 'add', '--agency', 'south', '--email', email, '--role', 'admin')
  const token = (await signIn(email, attacker_password)) ?? ''
  const statuses = [await read(token, 'properties', south), await read(made.token, 'team', south)]
  return {
    attempts: Number(made.status === 200 && is_added),
    successes: statuses.filter((status) => status === 200).length,
  }
}

/** As above, but another agency invites the address. Its owner must be able to accept, and the attacker not get in. */
const otherAgencyInvites: Attack = async ({ target, invite, accept, signIn, read }) => {
  const email = 'squatted@example.com'
  const made = await accept(await invite(target.as('admin'), email, 'admin'), attacker_password)
  const joined = await accept(await invite(target.as('outsider'), email, 'admin'), victim_password)
  const token = (await signIn(email, attacker_password)) ?? ''
  const is_in = [await read(token, 'properties', south), await read(made.token, 'properties', south)].includes(200)
  return { attempts: Number(made.status === 200), successes: Number(joined.status !== 200) + Number(is_in) }
}

/** An admin invites another admin, then loses the admin role. */
const formerAdmin: Attack = async ({ target, invite, accept }) => {
  const [admin, manager] = [target.as('admin'), target.as('manager')]
  const path = `team/${players.manager.user_id}`
  const demotions = [{ role: 'staff' }, { is_active: false }]
  const result = { attempts: 0, successes: 0 }
  for (const [n, demotion] of demotions.entries()) {
    await admin.send('PATCH', path, { role: 'admin', is_active: true })
    const link = await invite(manager, `left-behind-${n}@example.com`, 'admin')
    result.attempts += Number((await admin.send('PATCH', path, demotion)).status === 200 && link.length > 20)
    result.successes += Number((await accept(link, attacker_password)).status === 200)
  }
  await admin.send('PATCH', path, { role: 'manager', is_active: true })
  return result
}

/** One refresh token is sent many times concurrently. Exactly one successor may stay valid. */
const forkedRefresh: Attack = async ({ target, anonymous, size }) => {
  const second = size === 'full' ? target.as(undefined, (await target.serve()).address) : anonymous
  const { body } = await anonymous.send('POST', 'auth/login', {
    email: players.staff.email,
    password: password,
  })
  const refresh = (by: Sender, refresh_token: string) => by.send('POST', 'auth/refresh', { refresh_token })
  const count = size === 'full' ? 200 : 50
  const answers = await Promise.all(
    Array.from({ length: count }, (_, n) => refresh(n % 2 === 0 ? anonymous : second, String(body.refresh_token))),
  )
  const accepted = answers.filter(({ status }) => status === 200)
  let live = 0
  for (const token of new Set(accepted.map((answer) => String(answer.body.refresh_token))))
    live += Number((await refresh(second, token)).status === 200)
  return { attempts: accepted.length, successes: Math.abs(live - 1) }
}

/** An attacker uses a copied refresh token before its owner. The attacker's access token must be revoked. */
const copiedRefresh: Attack = async ({ target, anonymous, read }) => {
  const { body } = await anonymous.send('POST', 'auth/login', {
    email: players.owner.email,
    password: password,
  })
  const refresh_token = String(body.refresh_token)
  const attacker = await anonymous.send('POST', 'auth/refresh', { refresh_token })
  await target.rows("update refresh_tokens set used_at = used_at - interval '11 seconds' where used_at is not null")
  const victim = await anonymous.send('POST', 'auth/refresh', { refresh_token })
  let status = 200
  for (let tries = 0; tries < 20 && status === 200; tries += 1) {
    status = await read(String(attacker.body.token), 'me')
    if (status === 200) await delay(100)
  }
  return { attempts: Number(attacker.status === 200 && victim.status === 401), successes: Number(status === 200) }
}

/** A user moves to single sign-on. The old password and its sessions must stop working. */
const keptPassword: Attack = async ({ signIn, read, roost }) => {
  const { email } = players.accountant
  const before = (await signIn(email, password)) ?? ''
  const add = [
    'member',
    'add',
    '--agency',
    'north',
    '--email',
    email,
    '--role',
    'accountant',
    '--subject',
    'provider|1',
  ]
  const is_linked = await roost(...add)
  const after = await signIn(email, password)
  const is_session_valid = (await read(before, 'me')) === 200
  return {
    attempts: Number(before !== '' && is_linked),
    successes: Number(after !== undefined) + Number(is_session_valid),
  }
}

/** An admin probes whether an address has an account: the invitation answers must not differ. */
const accountElsewhere: Attack = async ({ target, anonymous, invite, accept }) => {
  const answers: string[] = []
  for (const email of ['outsider@example.com', 'nobody-has@example.com']) {
    const token = await invite(target.as('admin'), email, 'staff')
    const { body } = await anonymous.send('POST', 'auth/invitations/lookup', { token })
    const { status } = await accept(token, attacker_password)
    answers.push(JSON.stringify([{ ...body, email: '' }, status]))
  }
  return { attempts: answers.length - 1, successes: Number(answers[0] !== answers[1]) }
}

const attacks: Readonly<Record<string, readonly [Attack, wanted: number]>> = {
  'invited foreign address, later added by the operator': [operatorAdds, 1],
  'invited foreign address, later invited by another agency': [otherAgencyInvites, 1],
  'invitation by a former admin': [formerAdmin, 2],
  'one refresh token sent many times concurrently': [forkedRefresh, 50],
  'copied refresh token': [copiedRefresh, 1],
  'password kept after moving to single sign-on': [keptPassword, 1],
  'probing for accounts in other agencies': [accountElsewhere, 1],
}

async function runAttacks(target: Target, size: Size) {
  const context = createContext(target, size)
  const results: [name: string, AttackResult, wanted: number][] = []
  for (const [name, [attack, wanted]] of Object.entries(attacks)) results.push([name, await attack(context), wanted])
  return [
    ...results.map(([name, { attempts }, wanted]) => injected(name, attempts, wanted)),
    ...results.map(([name, { successes }]) => exactly(`succeeded: ${name}`, successes, 0)),
    info('attacks', results.length),
  ]
}
