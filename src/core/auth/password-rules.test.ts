// Which new passwords are refused and why, and that the data file has the form the rules compare with.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { passwordProblem, readCommonWords, reduced } from './password-rules.ts'

const person = { email: 'sam.summer@lodges.example', agencies: ['Müller Lodges', 'muller-lodges', 'AZ'] }

const short = /at least 12/
const long = /at most 256/
const repeated = /over and over/
const common = /most used passwords/
const email = /e-mail/
const agency = /agency/

const cases: readonly [password: string, problem: RegExp | undefined][] = [
  // Length, counted in the form that is stored.
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
  // Common, whatever is added.
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
  // Their own e-mail address and agencies, however they are written.
  ['sam.summer-1234', email],
  ['SamSummer 2027', email],
  ['xx Sám Sümmér xx', email],
  ['sam.summer@lodges.example', email],
  ['my muller lodges', agency],
  ['MÜLLERLODGES 27', agency],
  ['muller-lodges-27', agency],
  ['ｍｕｌｌｅｒ　ｌｏｄｇｅｓ', agency],
  ['a blaze of sammer', undefined],
  // And what is good.
  ['correct horse battery', undefined],
  ['four words are enough', undefined],
  ['kY3v5V2nq3pX0Wv8', undefined],
  ['9f3c-81d4-62b9-7ae0', undefined],
  ['grüne Tür am See', undefined],
  ['пять синих чайников', undefined],
]

for (const [password, problem] of cases) {
  const outcome = problem === undefined ? 'is taken' : `is refused: ${problem.source}`
  test(`the new password ${JSON.stringify(password.slice(0, 26))} of ${[...password].length} characters ${outcome}`, () => {
    const found = passwordProblem(password, person)
    if (problem === undefined) assert.equal(found, undefined)
    else assert.match(found ?? '', problem)
  })
}

test('a short local part refuses no word that happens to hold it', () => {
  const problem = passwordProblem('always a blue kettle', { email: 'al@x.example', agencies: ['A'] })
  assert.equal(problem, undefined)
})

test('every entry of the list has the form that passwords are compared in, once', () => {
  const words = readCommonWords()
  assert.ok(words.length > 7000)
  assert.equal(new Set(words).size, words.length)
  assert.deepEqual(
    words.filter((word) => reduced(word) !== word),
    [],
  )
})
