// Both media stores do the same; the requests to S3 are signed as Amazon's documentation describes (Signature Version 4).
import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { after, describe, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { parseConfig } from '../../config.ts'
import { MediaUnavailableError } from '../server-errors.ts'
import { createMedia } from './media.ts'

const folder = mkdtempSync(join(tmpdir(), 'roost-media-'))
after(() => rmSync(folder, { recursive: true }))

const access_key = 'AKIDEXAMPLE'
const secret_key = 'a/secret+with signs'
const files = new Map<string, Buffer>()
let status = 200
const bucket = createServer(async (request, response) => {
  const path = request.url ?? ''
  const body = await buffer(request)
  if (status !== 200 || !isSigned(request))
    return void response.writeHead(status === 200 ? 403 : status).end('<Error/>')
  if (request.method === 'PUT') files.set(path, body)
  if (request.method === 'DELETE') files.delete(path)
  const file = files.get(path)
  if (request.method === 'GET' && file === undefined) return void response.writeHead(404).end('<Error/>')
  const answer = request.method === 'GET' ? (file ?? '') : ''
  response.writeHead(request.method === 'DELETE' ? 204 : 200, { 'content-length': answer.length }).end(answer)
})
await new Promise<void>((resolve) => bucket.listen(0, '127.0.0.1', resolve))
after(() => bucket.close())
const { port } = bucket.address() as AddressInfo

/** AWS Signature Version 4, computed from the request that arrived: docs.aws.amazon.com/IAM, "Create a signed request". */
function isSigned({ method, url = '', headers }: IncomingMessage): boolean {
  const [, scope = '', names = '', signature] =
    /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/([^,]+), SignedHeaders=([^,]+), Signature=(\w+)$/.exec(
      headers.authorization ?? '',
    ) ?? []
  const hash = (text: string) => createHash('sha256').update(text).digest('hex')
  const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()
  const signed = names.split(';').map((name) => `${name}:${headers[name]}\n`)
  const canonical = [method, url, '', signed.join(''), names, headers['x-amz-content-sha256']].join('\n')
  const key = scope.split('/').reduce<string | Buffer>((secret, part) => hmac(secret, part), `AWS4${secret_key}`)
  const text = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, hash(canonical)].join('\n')
  return hmac(key, text).toString('hex') === signature && scope.includes('/eu-north-1/s3/aws4_request')
}

const s3_url = `s3+http://${access_key}:${encodeURIComponent(secret_key)}@127.0.0.1:${port}/pictures?region=eu-north-1`
const stores = {
  'the folder in DATA_DIR': createMedia({ media_url: undefined, data_dir: folder }),
  'a folder of its own': createMedia({ media_url: pathToFileURL(join(folder, 'own ä')).href, data_dir: folder }),
  'an S3-compatible service': createMedia({ media_url: s3_url, data_dir: folder }),
}
const key = '00000000-0000-7000-8000-000000000001/AAAAAAAAAAAAAAAAAAAAAA/small.webp'
const content = Buffer.from([0, 255, 10, 13, 200])

for (const [name, store] of Object.entries(stores)) {
  describe(name, () => {
    test('a file is stored, replaced, read, streamed and removed', async () => {
      assert.deepEqual([await store.get(key), await store.open(key)], [undefined, undefined])
      await store.put(key, Buffer.from('first'))
      await store.put(key, content)
      assert.deepEqual(await store.get(key), content)
      const file = await store.open(key)
      assert.equal(file?.bytes, content.length)
      assert.deepEqual(file && (await buffer(file.stream)), content)
      await store.remove(key)
      await store.remove(key)
      assert.equal(await store.get(key), undefined)
    })
  })
}

test('only the user of the service can read the folder', async () => {
  await stores['the folder in DATA_DIR'].put(key, content)
  const modes = ['media', `media/${key}`].map((path) => statSync(join(folder, path)).mode & 0o777)
  assert.deepEqual(modes, [0o700, 0o600])
})

test('a service that refuses or does not answer is an error that can be retried', async () => {
  const s3 = stores['an S3-compatible service']
  const wrong_secret = createMedia({ media_url: s3_url.replace('signs', 'sign'), data_dir: folder })
  const nobody = createMedia({ media_url: 's3+http://a:b@127.0.0.1:1/pictures', data_dir: folder })
  for (const store of [wrong_secret, nobody]) {
    const calls = [() => store.put(key, content), () => store.get(key), () => store.open(key), () => store.remove(key)]
    for (const call of calls) await assert.rejects(call, MediaUnavailableError)
  }
  for (const answered of [403, 503]) {
    status = answered
    await assert.rejects(s3.get(key), MediaUnavailableError)
  }
  status = 404
  await assert.rejects(s3.put(key, content), MediaUnavailableError)
  status = 200
})

test('a folder that is a file is an error that can be retried', async () => {
  await stores['the folder in DATA_DIR'].put('file', content)
  const store = createMedia({ media_url: pathToFileURL(join(folder, 'media', 'file')).href, data_dir: folder })
  await assert.rejects(store.put(key, content), MediaUnavailableError)
})

const addresses: [string, RegExp | undefined][] = [
  ['s3://key:secret@s3.example.com/bucket', undefined],
  ['s3+http://key:secret@127.0.0.1:9000/bucket?region=x', undefined],
  ['file:///srv/media', undefined],
  ['s3://s3.example.com/bucket', /access key/],
  ['s3://key:secret@s3.example.com/', /bucket/],
  ['/srv/media', /URL/],
  ['https://s3.example.com/bucket', /URL/],
]
for (const [value, problem] of addresses) {
  test(`MEDIA_URL=${value} is ${problem === undefined ? 'accepted' : 'refused'}`, () => {
    const parse = () => parseConfig({ MEDIA_URL: value })
    if (problem === undefined) assert.equal(parse().media_url, value)
    else assert.throws(parse, problem)
  })
}
