// A generated pgbench script sends the recorded statements in the same round trips with new values.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { agencyId, bookingId, propertyId, userId } from '../../proof/bench/data.ts'
import { type RecordedRequest, writeScript } from '../../proof/bench/pgbench/script.ts'
import type { RoundTrip, Statement } from '../../proof/bench/pgbench/wire.ts'

const volume = { agencies: 50, properties: 40, bookings: 100 }
const recorded = (agency: number, day: string, round_trips: readonly RoundTrip[]): RecordedRequest => ({
  round_trips,
  agency: agencyId(agency),
  person: userId(agency),
  property: propertyId(agency, 3),
  booking: bookingId(agency, 3, 7),
  day,
})
const statement = (text: string, ...values: Statement['values']): Statement => ({ text, values })

function scriptOf(statementsOf: (agency: number, day: string) => readonly RoundTrip[], types: readonly string[] = []) {
  const one = recorded(1, '2040-01-05', statementsOf(1, '2040-01-05'))
  const two = recorded(2, '2041-02-07', statementsOf(2, '2041-02-07'))
  const options = { prefix: 'x_', volume, day: "date '2070-01-01' + :night", typesOf: () => types }
  const { text, constants } = writeScript(one, two, options)
  return { body: text.slice(text.indexOf('\\endif\n') + 7), head: text.slice(0, text.indexOf('\\endif')), constants }
}

test('round trips are kept, parameters are cast to their types, constants are variables', () => {
  const { body, constants } = scriptOf(
    (agency) => [[statement('begin'), statement('select $1, $2', agencyId(agency), '21')], [statement('commit')]],
    ['uuid', 'integer'],
  )
  assert.equal(
    body,
    '\\startpipeline\nbegin;\nselect :x_agency::uuid, :x_c0::integer;\n\\endpipeline\n\\startpipeline\ncommit;\n\\endpipeline\n',
  )
  assert.deepEqual(constants, { x_c0: '21' })
})

test('a round trip seen in only one of the two requests is ignored', () => {
  const { body } = scriptOf((agency) =>
    agency === 1 ? [[statement('begin')], [statement('commit')]] : [[statement('begin'), statement('commit')]],
  )
  assert.equal(body, '\\startpipeline\nbegin;\ncommit;\n\\endpipeline\n')
})

test('generated ids are new per transaction and equal within it', () => {
  const made = { 1: '0190163d-8694-739b-aea5-966c26f8ad91', 2: '0190163d-8694-739b-aea5-966c26f8ad92' }
  const { body } = scriptOf(
    (agency) => {
      const id = made[agency as 1 | 2]
      return [[statement('a($1)', id), statement('b($1, $2)', id, `{"id":"${id}"}`)]]
    },
    ['uuid', 'jsonb'],
  )
  const [a, b] = body.split('\n').slice(1)
  const id = /^a\((.+)::uuid\);$/.exec(a!)?.[1]
  assert.match(id!, /:x_n/)
  assert.ok(b!.includes(`b(${id}::uuid, (`))
  assert.ok(b!.includes(`${id}::text`))
})

test('dates are relative to the first night, also inside ranges', () => {
  const later = (day: string) => `${day.slice(0, 8)}${String(Number(day.slice(8)) + 2).padStart(2, '0')}`
  const { body } = scriptOf(
    (_, day) => [[statement('a($1, $2)', day, `[${day},${later(day)})`)]],
    ['date', 'daterange'],
  )
  assert.match(body, /a\(\(date '2070-01-01' \+ :x_night::int \+ 0\)::date, /)
  assert.match(body, /\+ 2\)::text \|\| :x_c2::text\)::daterange/)
})

test('values of the agency alone are computed once per block of transactions', () => {
  const { body, head } = scriptOf(
    (agency) => [[statement('select $1', `{"sub":"${userId(agency)}","agency_id":"${agencyId(agency)}"}`)]],
    ['text'],
  )
  assert.equal(body, '\\startpipeline\nselect :x_s0::text;\n\\endpipeline\n')
  assert.match(head, /select .*:x_person::text.* as s0 \\gset x_/)
})

test('random texts keep their length, and e-mail addresses their lower case', () => {
  const texts = { 1: 'ABCDE-FGH1J', 2: 'ABCDE-FGH2J' }
  const { body } = scriptOf(
    (agency) => [[statement('a($1, $2)', texts[agency as 1 | 2], `new-${agency}@example.com`)]],
    ['text', 'text'],
  )
  assert.match(body, /upper\(rpad\(md5\(.+\), 11, 'f'\)\)::text/)
  assert.match(body, /\(rpad\(md5\('1\/' \|\| :x_n::text\), 5, 'f'\)::text \|\| :x_c\d::text\)::text/)
})

test('a colon in quotes is escaped, one outside is an error', () => {
  const { body } = scriptOf(() => [[statement(`select to_char(now(), 'HH24:MI\\x'), a::text`)]])
  assert.ok(body.includes(`select to_char(now(), E'HH24\\x3aMI\\\\x'), a::text;`))
  assert.throws(() => scriptOf(() => [[statement('select a[b:c]')]]), /would replace a variable/)
})

test('char(3) keeps its three letters', () => {
  assert.match(scriptOf(() => [[statement('a($1)', 'EUR')]], ['character']).body, /:x_c0::bpchar/)
})

test('an unexplained difference is an error', () => {
  assert.throws(() => scriptOf((agency) => [[statement('a($1)', '7'.repeat(agency))]], ['text']), /cannot be explained/)
  assert.throws(() => scriptOf((agency) => [[statement(`a${agency}`)]]), /different statements/)
  assert.throws(() => scriptOf((agency) => [[statement('a($1)', agency === 1 ? null : 'x')]], ['text']), /null/)
})
