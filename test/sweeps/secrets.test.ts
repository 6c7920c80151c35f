// Secrets that are shown once: each is marked in its schema, and no table holds one in plain text.
// One engine is enough: the tables are the same on both.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { password, players } from '../cast.ts'
import { operationsIn } from '../erasure/document.ts'
import type { Schema } from '../erasure/planted-values.ts'
import { cast, type Reply } from '../harness.ts'
import { recordingLog } from '../recording-log.ts'
import { must } from '../steps.ts'

const recording = recordingLog()
const { admin, anonymous, bearing, store } = await cast({ log: recording.log })
const operations = operationsIn((await anonymous.get('/openapi.json')).body)

type Marked = Schema & { readonly 'x-secret'?: boolean; readonly items?: Schema }

/** Pointer -> schema of every member of a response. */
function membersOf(schema: Marked, pointer = ''): [string, Marked][] {
  const inside = [...(schema.anyOf ?? []), ...(schema.items === undefined ? [] : [schema.items])]
  return [
    ...inside.flatMap((one) => membersOf(one, pointer)),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, one]): [string, Marked][] => [
      [`${pointer}/${name}`, one],
      ...membersOf(one, `${pointer}/${name}`),
    ]),
  ]
}

const members = operations.flatMap(({ name, answers }) =>
  answers.flatMap((answer) => membersOf(answer).map(([pointer, schema]) => ({ name, pointer, schema }))),
)
const isMarked = ({ schema }: { schema: Marked }) => schema['x-secret'] === true

test('every response member with a secret-like name is marked as a secret or listed here', () => {
  const unmarked = members
    .filter(({ pointer, schema }) => /token|secret|password|link|key$/i.test(pointer) && schema.type !== 'integer')
    .filter((member) => !isMarked(member))
    .map(({ name, pointer }) => `${name} ${pointer}`)
  const harmless = ['/token_type', '/needs_password', 'GET /reports /groups/key']
  assert.deepEqual(
    unmarked.filter((one) => !harmless.some((name) => one.endsWith(name))),
    [],
  )
})

/** A response with secrets for each operation that has them. */
const answers: Readonly<Record<string, () => Promise<Reply>>> = {
  'POST /auth/login': signIn,
  'POST /auth/refresh': async () =>
    must(200, await anonymous.post('auth/refresh', { refresh_token: (await signIn()).body.refresh_token })),
  'POST /auth/password': async () => {
    const { token } = (await signIn()).body
    const change = { current_password: password, new_password: 'seven purple kettles' }
    const changed = must(200, await bearing(token).post('auth/password', change))
    const back = { current_password: 'seven purple kettles', new_password: password }
    must(200, await bearing(changed.body.token).post('auth/password', back))
    return changed
  },
  'POST /team': invite,
  'POST /team/password-resets': async () => {
    const { token } = must(200, await accept((await invite()).body.token)).body
    const { id: user_id } = must(200, await bearing(token).get('me')).body.user
    return must(201, await admin.post('team/password-resets', { user_id }, { 'idempotency-key': randomUUID() }))
  },
  'POST /auth/invitations/accept': async () => {
    const { token } = (await invite()).body
    return must(200, await accept(token))
  },
}

function accept(token: string): Promise<Reply> {
  return anonymous.post('auth/invitations/accept', { token, password: 'seven purple kettles' })
}

async function signIn(): Promise<Reply> {
  return must(200, await anonymous.post('auth/login', { email: players.staff.email, password }))
}
async function invite(): Promise<Reply> {
  const body = { email: `${randomUUID()}@example.com`, role: 'staff' }
  return must(201, await admin.post('team', body, { 'idempotency-key': randomUUID() }))
}

const withSecrets = Map.groupBy(members.filter(isMarked), ({ name }) => name)

test('there are operations with secrets', () => assert.ok(withSecrets.size >= 5))

for (const [name, secrets] of withSecrets) {
  test(`${name}: no table or log line holds ${secrets.map(({ pointer }) => pointer).join(' or ')}`, async () => {
    const answer = answers[name]
    assert.ok(answer, `no request for ${name}: add one to the answers`)
    const { body } = await answer()
    const shown = secrets.map(({ pointer }) => String(body[pointer.slice(1)]))
    for (const text of shown) assert.ok(text.length >= 20, text)
    // The secret part of a link.
    const hidden = [...shown.map((text) => text.split('?token=').at(-1) ?? ''), 'seven purple kettles']
    const everything = [await wholeDatabase(), JSON.stringify(recording.lines)]
    for (const text of hidden) for (const place of everything) assert.ok(!place.includes(text), text)
  })
}

/** Every row of every table of ours as text, binary columns decoded. */
async function wholeDatabase(): Promise<string> {
  const { rows } = await store.owner.query(`
    select format('%I.%I', table_schema, table_name) as name,
      string_agg(case when data_type = 'bytea' then format('encode(%I, ''escape'')', column_name)
        else format('%I::text', column_name) end, ', ') as columns
    from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
    where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema') group by 1`)
  const texts = await Promise.all(
    rows.map(async ({ name, columns }) => {
      const found = await store.owner.query(`select concat_ws(' ', ${columns}) as text from ${name}`)
      return found.rows.map(({ text }) => text).join('\n')
    }),
  )
  return texts.join('\n')
}
