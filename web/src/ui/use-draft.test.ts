// Drafts over records that others change meanwhile.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { applyEdits, edit } from './use-draft.ts'

const saved = { name: 'Haus See', city: 'Binz', days: ['sat'] }

test('an edit of one field leaves the changes of others to the other fields', () => {
  const edits = edit({}, saved, { name: 'Haus am See' })
  const state = applyEdits(edits, { ...saved, city: 'Sellin' })
  assert.deepEqual(state, {
    draft: { ...saved, name: 'Haus am See', city: 'Sellin' },
    changed: { name: 'Haus am See' },
    is_outdated: false,
  })
})

test('an edit is outdated when the same field was changed since it began', () => {
  const begun = edit({}, saved, { name: 'A' })
  const now = { ...saved, name: 'B' }
  assert.equal(applyEdits(begun, now).is_outdated, true)
  assert.equal(applyEdits(edit(begun, now, { name: 'AB' }), now).is_outdated, true)
  assert.equal(applyEdits(edit({}, now, { name: 'A' }), now).is_outdated, false)
})

test('a field that is typed back, or that others changed to the same, is no change', () => {
  const same = edit({}, saved, { days: ['sat'] })
  assert.deepEqual(applyEdits(same, saved), { draft: saved, changed: {}, is_outdated: false })
  const now = { ...saved, name: 'A' }
  assert.deepEqual(applyEdits(edit({}, saved, { name: 'A' }), now), { draft: now, changed: {}, is_outdated: false })
})
