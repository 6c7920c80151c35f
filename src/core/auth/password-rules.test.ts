// Which new passwords are refused and why, and the form of the data file.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findPasswordProblem, readCommonPasswords, simplifyPassword } from './password-rules.ts'

const person = { email: 'sam.summer@lodges.example', agencies: ['Müller Lodges', 'muller-lodges', 'AZ'] }

const short = /at least 12/
const long = /at most 256/
const repeated = /over and over/
const common = /most used passwords/
const email = /e-mail/
const agency = /agency/

const cases: readonly [password: string, problem: RegExp | undefined][] = [
  // Length in NFKC form.
  ['', short],
  ['roost-demo', short],
  ['elevenchars', short],
  ['twelve chars', undefined],
  ['\u{1f511}\u{1f3e0}\u{1f30a}\u{1f3d4}\u{26f7}\u{1f332}\u{1f525}\u{1f6cf}\u{1f37d}\u{2615}\u{1f697}', short],
  ['\u{1f511}\u{1f3e0}\u{1f30a}\u{1f3d4}\u{26f7}\u{1f332}\u{1f525}\u{1f6cf}\u{1f37d}\u{2615}\u{1f697}x', undefined],
  ['u\u0308'.repeat(11), short],
  ['\ufb03\ufb03zwing', short],
  [`${'kettle purple '.repeat(18)}seven`, long],
  [`seven purple kettles ${'0123456789 -/abcdefghijklm'.repeat(9)}!`, undefined],
  ['\ufdfa'.repeat(20), long],
  // Repetition.
  ['aaaaaaaaaaaa', repeated],
  ['            ', repeated],
  ['aaaaaaaaaaab', repeated],
  ['xyxyxyxyxyxy', repeated],
  ['abcabcabcabca', repeated],
  ['\u{1f511}'.repeat(11).concat('x'), repeated],
  ['AaAaAaAaAaAa', repeated],
  // Common passwords with additions.
  ['Password123!', common],
  ['PASSWORD1234', common],
  ['passwordpassword', common],
  ['PasswordPassword2027', common],
  ['ppaasssswwoorrdd', common],
  ['p.a.s.s.w.o.r.d', common],
  ['pass word 2027', common],
  ['pässwörd12345', common],
  ['pa\u0308ssword12345', common],
  ['\uff50\uff41\uff53\uff53\uff57\uff4f\uff52\uff441234', common],
  ['P@ssw0rd123456', common],
  ['Passwort123456', common],
  ['qwertyuiop12', common],
  ['QWERTYUIOP[]', common],
  ['1q2w3e4r5t6y', common],
  ['letmeinletmein', common],
  ['iloveyou2027!', common],
  ['Welcome2027!!', common],
  ['Summer202627', common],
  ['Liverpool2027', common],
  ['123456789012', common],
  ['2027-11-30 0815', undefined],
  ['trustno1trustno1', common],
  // The user's e-mail address and agencies, in any spelling.
  ['sam.summer-1234', email],
  ['SamSummer 2027', email],
  ['xx Sám Sümmér xx', email],
  ['sam.summer@lodges.example', email],
  ['my muller lodges', agency],
  ['MÜLLERLODGES 27', agency],
  ['muller-lodges-27', agency],
  ['ｍｕｌｌｅｒ　ｌｏｄｇｅｓ', agency],
  ['a blaze of sammer', undefined],
  // Accepted.
  ['correct horse battery', undefined],
  ['four words are enough', undefined],
  ['kY3v5V2nq3pX0Wv8', undefined],
  ['9f3c-81d4-62b9-7ae0', undefined],
  ['grüne Tür am See', undefined],
  ['пять синих чайников', undefined],
]

for (const [password, problem] of cases) {
  const outcome = problem === undefined ? 'is accepted' : `is refused: ${problem.source}`
  test(`password ${JSON.stringify(password.slice(0, 26))} (length ${[...password].length}) ${outcome}`, () => {
    const found = findPasswordProblem(password, person)
    if (problem === undefined) assert.equal(found, undefined)
    else assert.match(found ?? '', problem)
  })
}

test('a local part of fewer than four characters is not looked for in the password', () => {
  const problem = findPasswordProblem('always a blue kettle', { email: 'al@x.example', agencies: ['A'] })
  assert.equal(problem, undefined)
})

test('the list of common passwords has unique entries, each in the compared form', () => {
  const words = readCommonPasswords()
  assert.ok(words.length > 7000)
  assert.equal(new Set(words).size, words.length)
  assert.deepEqual(
    words.filter((word) => simplifyPassword(word) !== word),
    [],
  )
})
