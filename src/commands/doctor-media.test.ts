// What roost doctor says about the store of pictures.
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { parseConfig } from '../config.ts'
import { checkMedia } from './doctor-media.ts'

const folder = mkdtempSync(join(tmpdir(), 'roost-doctor-'))
after(() => rmSync(folder, { recursive: true }))
const check = (env: Record<string, string>) => checkMedia(parseConfig({ DATA_DIR: folder, ...env }))

test('a folder that can be written is ok, and the file of the check is deleted', async () => {
  assert.deepEqual(await check({}), { result: 'ok', message: `pictures are stored in ${folder}/media on this machine` })
  const left = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  assert.deepEqual(left, [])
})

test('a folder that is a file is an error with its reason', async () => {
  const file = join(folder, 'a file')
  writeFileSync(file, '')
  const { result, message } = await check({ MEDIA_URL: pathToFileURL(file).href })
  assert.equal(result, 'error')
  assert.match(message, /^pictures cannot be stored in .*a file: .*(ENOTDIR|EEXIST)/)
})

test('a bucket that does not answer is an error, and its secret is not printed', async () => {
  const { result, message } = await check({ MEDIA_URL: 's3+http://key:hidden@127.0.0.1:1/pictures' })
  assert.equal(result, 'error')
  assert.match(message, /^pictures cannot be stored in the bucket pictures at 127\.0\.0\.1:1: /)
  assert.doesNotMatch(message, /hidden|key/)
})
