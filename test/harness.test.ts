// newAgency() of the harness: complete, and separate from other agencies.
// One engine is enough: this tests the harness.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { castProperties } from './cast.ts'
import { cast } from './harness.ts'
import { must } from './steps.ts'

const fixture = await cast()
const namesOf = async (who: Awaited<ReturnType<typeof cast>>['admin']) =>
  must(200, await who.get('properties'))
    .body.items.map(({ name }: { name: string }) => name)
    .sort()

test('a new agency has the whole cast, and its people see its properties only', async () => {
  const [one, two] = [await fixture.newAgency(), await fixture.newAgency()]
  assert.notEqual(one.north, two.north)
  assert.deepEqual(await namesOf(one.manager), ['Forest Cabin', 'Lake House', 'Town Flat'])
  assert.deepEqual(await namesOf(one.owner), ['Lake House'])
  assert.deepEqual(await namesOf(one.outsider), ['Beach Villa'])
  must(404, await one.admin.get(`properties/${two.castProperties.lake.id}`))
  must(404, await one.admin.get(`properties/${castProperties.lake.id}`))
  must(403, await one.former.get('properties'))
})

test('changes in one agency are not visible in another', async () => {
  const [one, two] = [await fixture.newAgency(), await fixture.newAgency()]
  must(200, await one.manager.patch(`properties/${one.castProperties.lake.id}`, { name: 'Renamed' }))
  assert.deepEqual(await namesOf(two.owner), ['Lake House'])
  assert.deepEqual(await namesOf(fixture.owner), ['Lake House'])
})
