// S42: ways to get into somebody else's account or agency, each played to its end over HTTP and the command line.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { password, players, south } from '../../../test/cast.ts'
import type { Sender } from '../../../test/sender.ts'
import { exactly, fired, type Measure, type Size, told } from '../scenario.ts'
import { onTarget, type Target } from '../target.ts'

export const accountStories: Measure = {
  id: 'S42',
  title: 'Account takeover: invitations, removed admins, copied tokens, single sign-on',
  seconds: { full: 30, quick: 15 },
  run: (size) => onTarget((target) => played(target, size)),
}

const chosen = 'chosen by the inviting admin'
const own = 'four words are enough'
const run = promisify(execFile)

/** What a story has shown: whether its attack came about, and how often it got through. */
interface Told {
  readonly fired: number
  readonly successes: number
}

type Story = (scene: Scene) => Promise<Told>

interface Scene {
  readonly target: Target
  readonly nobody: Sender
  readonly size: Size
  /** Signs in; the token, or undefined when it is refused. */
  signIn(email: string, password: string): Promise<string | undefined>
  invite(by: Sender, email: string, role: string): Promise<string>
  accept(token: string, password: string): Promise<{ status: number; token: string }>
  /** The status of a read with this token. */
  read(token: string, path: string, agency?: string): Promise<number>
  /** bin/roost as the operator runs it; whether it ended well. */
  roost(...args: string[]): Promise<boolean>
}

function sceneOf(target: Target, size: Size): Scene {
  const nobody = target.as(undefined)
  const post = (path: string, body: object) => nobody.send('POST', path, body)
  return {
    target,
    nobody,
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
      return (await nobody.send('GET', path, undefined, headers)).status
    },
    roost: (...args) =>
      run(join(import.meta.dirname, '../../../bin/roost'), args, { env: { ...process.env, ...target.env } }).then(
        () => true,
        () => false,
      ),
  }
}

/** The inviting admin accepts for somebody else's address; later the operator adds that address to another agency. */
const operatorAdds: Story = async ({ target, invite, accept, signIn, read, roost }) => {
  const email = 'taken@example.com'
  const made = await accept(await invite(target.as('admin'), email, 'admin'), chosen)
  const is_added = await roost('member', 'add', '--agency', 'south', '--email', email, '--role', 'admin')
  const token = (await signIn(email, chosen)) ?? ''
  const statuses = [await read(token, 'properties', south), await read(made.token, 'team', south)]
  return {
    fired: Number(made.status === 200 && is_added),
    successes: statuses.filter((status) => status === 200).length,
  }
}

/** The same, and another agency invites the address: its owner accepts. Locked out, or joined by the attacker's account? */
const otherAgencyInvites: Story = async ({ target, invite, accept, signIn, read }) => {
  const email = 'squatted@example.com'
  const made = await accept(await invite(target.as('admin'), email, 'admin'), chosen)
  const joined = await accept(await invite(target.as('outsider'), email, 'admin'), own)
  const token = (await signIn(email, chosen)) ?? ''
  const is_in = [await read(token, 'properties', south), await read(made.token, 'properties', south)].includes(200)
  return { fired: Number(made.status === 200), successes: Number(joined.status !== 200) + Number(is_in) }
}

/** An admin invites a new admin and then loses the right to. */
const formerAdmin: Story = async ({ target, invite, accept }) => {
  const [admin, manager] = [target.as('admin'), target.as('manager')]
  const path = `team/${players.manager.user_id}`
  const endings = [{ role: 'staff' }, { is_active: false }]
  const told = { fired: 0, successes: 0 }
  for (const [n, ending] of endings.entries()) {
    await admin.send('PATCH', path, { role: 'admin', is_active: true })
    const link = await invite(manager, `left-behind-${n}@example.com`, 'admin')
    told.fired += Number((await admin.send('PATCH', path, ending)).status === 200 && link.length > 20)
    told.successes += Number((await accept(link, chosen)).status === 200)
  }
  await admin.send('PATCH', path, { role: 'manager', is_active: true })
  return told
}

/** One refresh token sent many times at once, in full size to two processes: live successors beside the one there may be. */
const forkedRefresh: Story = async ({ target, nobody, size }) => {
  const second = size === 'full' ? target.as(undefined, (await target.serve()).address) : nobody
  const { body } = await nobody.send('POST', 'auth/login', {
    email: players.staff.email,
    password: password,
  })
  const refresh = (by: Sender, refresh_token: string) => by.send('POST', 'auth/refresh', { refresh_token })
  const count = size === 'full' ? 200 : 50
  const answers = await Promise.all(
    Array.from({ length: count }, (_, n) => refresh(n % 2 === 0 ? nobody : second, String(body.refresh_token))),
  )
  const given = answers.filter(({ status }) => status === 200)
  let live = 0
  for (const token of new Set(given.map((answer) => String(answer.body.refresh_token))))
    live += Number((await refresh(second, token)).status === 200)
  return { fired: given.length, successes: Math.abs(live - 1) }
}

/** A thief uses a copied refresh token; its owner uses it later. The thief's access token must stop working. */
const copiedRefresh: Story = async ({ target, nobody, read }) => {
  const { body } = await nobody.send('POST', 'auth/login', {
    email: players.owner.email,
    password: password,
  })
  const refresh_token = String(body.refresh_token)
  const thief = await nobody.send('POST', 'auth/refresh', { refresh_token })
  await target.rows("update refresh_tokens set used_at = used_at - interval '11 seconds' where used_at is not null")
  const victim = await nobody.send('POST', 'auth/refresh', { refresh_token })
  let status = 200
  for (let tries = 0; tries < 20 && status === 200; tries += 1) {
    status = await read(String(thief.body.token), 'me')
    if (status === 200) await delay(100)
  }
  return { fired: Number(thief.status === 200 && victim.status === 401), successes: Number(status === 200) }
}

/** Somebody moves to single sign-on: the old password and what it began must not go on beside it. */
const keptPassword: Story = async ({ signIn, read, roost }) => {
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
  const is_tied = await roost(...add)
  const after = await signIn(email, password)
  const goes_on = (await read(before, 'me')) === 200
  return { fired: Number(before !== '' && is_tied), successes: Number(after !== undefined) + Number(goes_on) }
}

/** An admin asks whether an address has an account elsewhere: by what the link says, and by what accepting it answers. */
const accountElsewhere: Story = async ({ target, nobody, invite, accept }) => {
  const answers: string[] = []
  for (const email of ['outsider@example.com', 'nobody-has@example.com']) {
    const token = await invite(target.as('admin'), email, 'staff')
    const { body } = await nobody.send('POST', 'auth/invitations/lookup', { token })
    const { status } = await accept(token, chosen)
    answers.push(JSON.stringify([{ ...body, email: '' }, status]))
  }
  return { fired: answers.length - 1, successes: Number(answers[0] !== answers[1]) }
}

const stories: Readonly<Record<string, readonly [Story, wanted: number]>> = {
  'an address taken by an invitation, then added by the operator': [operatorAdds, 1],
  'an address taken by an invitation, then invited by another agency': [otherAgencyInvites, 1],
  'an invitation by a former admin': [formerAdmin, 2],
  'one refresh token sent many times at once': [forkedRefresh, 50],
  'a refresh token that was copied': [copiedRefresh, 1],
  'a password kept beside single sign-on': [keptPassword, 1],
  'asking whether an address has an account elsewhere': [accountElsewhere, 1],
}

async function played(target: Target, size: Size) {
  const scene = sceneOf(target, size)
  const shown: [name: string, Told, wanted: number][] = []
  for (const [name, [story, wanted]] of Object.entries(stories)) shown.push([name, await story(scene), wanted])
  return [
    ...shown.map(([name, { fired: count }, wanted]) => fired(name, count, wanted)),
    ...shown.map(([name, { successes }]) => exactly(`got through: ${name}`, successes, 0)),
    told('stories', shown.length),
  ]
}
