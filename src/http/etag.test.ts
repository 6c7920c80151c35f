// If-Match and If-None-Match accept our tags in their weak form, as a compressing proxy sends them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FastifyRequest } from 'fastify'
import { castProperties } from '../../test/cast.ts'
import { castPerTest } from '../../test/harness.ts'
import { must } from '../../test/steps.ts'
import { ifMatchVersions } from './etag.ts'

const { admin } = await castPerTest()
const path = () => `properties/${castProperties.lake.id}`
const tagOf = async () => String(must(200, await admin.get(path())).headers.etag)

test('If-Match accepts W/ in front of one of our tags, also in a list', async () => {
  for (const written of [(tag: string) => `W/${tag}`, (tag: string) => `"other", W/${tag}`, (tag: string) => tag]) {
    const tag = await tagOf()
    const name = `Lake ${tag.slice(1, 4)}`
    must(200, await admin.patch(path(), { name }, { 'if-match': written(tag) }))
  }
})

test('a weak tag of an earlier version, or one that is not ours, answers 412', async () => {
  const tag = await tagOf()
  must(200, await admin.patch(path(), { name: 'Lake House' }))
  for (const header of [`W/${tag}`, 'W/"abc"', `w/${await tagOf()}`, `WW/${await tagOf()}`]) {
    const { status, body } = await admin.patch(path(), { name: 'Nobody' }, { 'if-match': header })
    assert.deepEqual([status, body.error.code], [412, 'VERSION_MISMATCH'], header)
  }
})

test('If-None-Match answers 304 for the weak form, with the tag that was sent', async () => {
  const tag = await tagOf()
  for (const sent of [tag, `W/${tag}`]) {
    const reply = must(304, await admin.get(path(), { 'if-none-match': sent }))
    assert.deepEqual([reply.headers.etag, reply.headers['cache-control'], reply.text], [sent, 'private, no-cache', ''])
  }
})

test('If-Match takes a tag, or the version alone as lists and the calendar have it', () => {
  const versionsIn = (tag: string) => ifMatchVersions({ headers: { 'if-match': tag } } as unknown as FastifyRequest)
  const cases: readonly [tag: string, versions: number[] | undefined][] = [
    ['"3"', [3]],
    ['W/"3"', [3]],
    ['"3", "5-0123456789"', [3, 5]],
    ['"3-"', []],
    ['"3-012345678"', []],
    ['3', []],
    ['""', []],
    ['"1234567890"', []],
    ['*', undefined],
  ]
  for (const [tag, versions] of cases) assert.deepEqual(versionsIn(tag), versions, tag)
})
