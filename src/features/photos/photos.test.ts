// Pictures over HTTP and their job: upload, sizes, order, roles, deletion, and files that are no pictures.
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import sharp, { type SharpOptions } from 'sharp'
import { castProperties } from '../../../test/cast.ts'
import { type Client, castPerTest } from '../../../test/harness.ts'
import { codeOf, findings, must } from '../../../test/steps.ts'
import { createFolderStore } from '../../core/media/folder.ts'
import { processPhotos } from './processing.ts'
import { max_photos, type Photo } from './schema.ts'

const data_dir = mkdtempSync(join(tmpdir(), 'roost-photos-'))
after(() => rmSync(data_dir, { recursive: true }))
const fixture = await castPerTest({ env: { DATA_DIR: data_dir } })
const { admin, manager, staff, owner, otherOwner, accountant, outsider, anonymous, store } = fixture
const media = createFolderStore(join(data_dir, 'media'))

const picture = (width: number, height: number, more: SharpOptions = {}) =>
  sharp({ create: { width, height, channels: 3, background: '#3a7' }, ...more }).withExif({
    IFD0: { Copyright: 'a person', Make: 'a camera' },
    IFD3: { GPSLatitude: '47/1 30/1 0/1' },
  })
const jpeg = await picture(1200, 900).jpeg().toBuffer()
const type = { 'content-type': 'application/octet-stream' }
const upload = (client: Client, body: Buffer | string = jpeg, query = '', id = castProperties.lake.id) =>
  client.request('POST', `properties/${id}/photos${query}`, body, type)
const add = async (body: Buffer = jpeg, query = ''): Promise<Photo> =>
  must(201, await upload(manager, body, query)).body as never
const process = (agency_id = castProperties.lake.agency_id) => processPhotos({ db: store.db, media }, agency_id)
const list = async (client: Client, query = ''): Promise<Photo[]> =>
  must(200, await client.get(`photos${query}`)).body.items
const filesOf = (agency_id = castProperties.lake.agency_id) => {
  const folder = join(data_dir, 'media', agency_id)
  return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [entry.name] : [],
  )
}

test('a picture is processed into sizes that anyone with the address can read, and browsers keep', async () => {
  const added = await add(jpeg, '?alt_text=The%20lake')
  assert.deepEqual([added.status, added.images, added.position, added.alt_text], ['processing', [], 1, 'The lake'])
  assert.deepEqual(await process(), { encoded: 1, deleted: 0 })
  const [photo] = await list(staff)
  assert.deepEqual([photo?.status, photo?.version], ['ready', 2])
  const sides = photo?.images.map(({ width, height }) => [width, height])
  assert.deepEqual(sides, [
    [400, 300],
    [1000, 750],
    [1200, 900],
  ])
  for (const { url, width, height } of photo?.images ?? []) {
    const reply = await fixture.app.inject({ url })
    assert.deepEqual([reply.statusCode, reply.headers['content-type']], [200, 'image/webp'])
    assert.equal(reply.headers['cache-control'], 'public, max-age=31536000, immutable')
    assert.equal(Number(reply.headers['content-length']), reply.rawPayload.length)
    const { format, exif, ...of } = await sharp(reply.rawPayload).metadata()
    assert.deepEqual([format, exif, of.width, of.height], ['webp', undefined, width, height])
    const head = await fixture.app.inject({ method: 'HEAD', url })
    assert.deepEqual([head.statusCode, head.headers['content-length']], [200, String(reply.rawPayload.length)])
  }
  assert.deepEqual(filesOf().sort(), ['large.webp', 'medium.webp', 'small.webp'])
})

test('the rotation that a camera has noted is applied, and small pictures are not enlarged', async () => {
  const { id } = await add(await picture(300, 200).jpeg().withMetadata({ orientation: 6 }).toBuffer())
  await process()
  const { images } = must(200, await staff.get(`photos/${id}`)).body
  assert.deepEqual(
    images.map(({ width, height }: Photo['images'][number]) => [width, height]),
    [[200, 300]],
  )
  assert.equal((await sharp((await fixture.app.inject({ url: images[0].url })).rawPayload).metadata()).height, 300)
})

for (const format of ['png', 'webp', 'avif'] as const) {
  test(`a picture can be ${format}`, async () => {
    await add(await picture(64, 48).toFormat(format).toBuffer())
    await process()
    assert.deepEqual(
      (await list(staff)).map(({ status }) => status),
      ['ready'],
    )
  })
}

const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>'
const no_pictures: Record<string, Buffer | string> = {
  SVG: svg,
  'SVG after an XML declaration': `<?xml version="1.0"?>${svg}`,
  GIF: await picture(8, 8).gif().toBuffer(),
  TIFF: await picture(8, 8).tiff().toBuffer(),
  HTML: '<html><img src=x onerror=alert(1)>',
  PDF: '%PDF-1.7',
  text: 'not a picture',
  'one byte': 'x',
}
for (const [name, body] of Object.entries(no_pictures)) {
  test(`${name} is refused at once, and nothing is stored`, async () => {
    assert.deepEqual(findings(must(422, await upload(manager, body))), [' NOT_A_PICTURE'])
    const { rows } = await store.owner.query('select 1 from property_photos where agency_id = $1', [
      castProperties.lake.agency_id,
    ])
    assert.deepEqual(rows, [])
  })
}

const png = await picture(400, 400).png().toBuffer()
/** The size in the header of a PNG: bytes 16 to 24, with the checksum of the chunk after them. */
const huge = await picture(12_000, 12_000).png({ compressionLevel: 9 }).toBuffer()
const unreadable: [string, Buffer, string][] = [
  ['a file that ends early', png.subarray(0, png.length / 2), 'UNREADABLE'],
  ['a file that only begins like a picture', Buffer.concat([png.subarray(0, 8), Buffer.from(svg)]), 'UNREADABLE'],
  ['an SVG with the beginning of a JPEG', Buffer.concat([jpeg.subarray(0, 3), Buffer.from(svg)]), 'UNREADABLE'],
  ['a picture of 144 million pixels', huge, 'TOO_MANY_PIXELS'],
]
for (const [name, body, failure] of unreadable) {
  test(`${name} is marked as failed with the reason, and its file is deleted`, async () => {
    await add(body)
    await process()
    const [photo] = await list(staff)
    assert.deepEqual([photo?.status, photo?.failure, photo?.images], ['failed', failure, []])
    assert.deepEqual(filesOf(), [])
  })
}

test('pictures move to any position, and the others make room without gaps', async () => {
  const ids: string[] = []
  for (const name of ['a', 'b', 'c', 'd']) ids.push((await add(jpeg, `?alt_text=${name}`)).id)
  const order = async () => (await list(staff)).map(({ alt_text, position }) => `${alt_text}${position}`).join(' ')
  const move = async (n: number, position: number) => must(200, await manager.patch(`photos/${ids[n]}`, { position }))
  assert.equal(await order(), 'a1 b2 c3 d4')
  await move(3, 1)
  assert.equal(await order(), 'd1 a2 b3 c4')
  await move(3, 3)
  assert.equal(await order(), 'a1 b2 d3 c4')
  assert.equal((await move(0, 50)).body.position, 4)
  assert.equal(await order(), 'b1 d2 c3 a4')
  must(204, await manager.delete(`photos/${ids[3]}`))
  assert.equal(await order(), 'b1 c2 a3')
  assert.equal((await add(jpeg, '?alt_text=e')).position, 4)
  assert.deepEqual(
    (await list(staff, '?is_cover=true')).map(({ alt_text }) => alt_text),
    ['b'],
  )
})

test('two changes of the order at once leave every position once', async () => {
  const ids: string[] = []
  for (let n = 0; n < 6; n += 1) ids.push((await add()).id)
  const replies = await Promise.all(ids.map((id, n) => manager.patch(`photos/${id}`, { position: ((n * 5) % 6) + 1 })))
  for (const reply of replies) must(200, reply)
  assert.deepEqual(
    (await list(staff)).map(({ position }) => position),
    [1, 2, 3, 4, 5, 6],
  )
})

test('a deleted picture is gone at once, and its files when the job has run', async () => {
  const { id } = await add()
  await process()
  const [photo] = await list(staff)
  must(204, await manager.delete(`photos/${id}`))
  assert.equal(codeOf(must(404, await staff.get(`photos/${id}`))), 'PHOTO_NOT_FOUND')
  assert.deepEqual(await process(), { encoded: 0, deleted: 1 })
  assert.deepEqual(filesOf(), [])
  assert.equal((await fixture.app.inject({ url: photo?.images[0]?.url ?? '' })).statusCode, 404)
})

test('with its property the pictures are deleted', async () => {
  await add()
  await process()
  must(204, await admin.delete(`properties/${castProperties.lake.id}`))
  assert.deepEqual(await list(staff), [])
  assert.deepEqual(await process(), { encoded: 0, deleted: 1 })
  assert.deepEqual(filesOf(), [])
})

test('an upload that never completed is not shown, and deleted after an hour', async () => {
  const { id } = await add()
  await store.owner.query("update property_photos set status = 'uploading', position = 0 where id = $1", [id])
  assert.deepEqual(await list(staff), [])
  must(404, await staff.get(`photos/${id}`))
  assert.deepEqual(await process(), { encoded: 0, deleted: 0 })
  await store.owner.query("update property_photos set created_at = now() - interval '61 minutes' where id = $1", [id])
  assert.deepEqual(await process(), { encoded: 0, deleted: 1 })
  assert.deepEqual(filesOf(), [])
})

test('a property has so many pictures and no more', async () => {
  await store.owner.query(
    `insert into property_photos (agency_id, id, property_id, position, status, media_key)
     select $1, gen_random_uuid(), $2, n, 'processing', lpad(n::text, 22, '0') from generate_series(1, $3) n`,
    [castProperties.lake.agency_id, castProperties.lake.id, max_photos],
  )
  assert.deepEqual(findings(must(422, await upload(manager))), [' TOO_MANY_PHOTOS'])
  must(201, await upload(manager, jpeg, '', castProperties.town.id))
})

test('each role reads and changes what its permissions say, and nobody those of another agency', async () => {
  const { id } = await add()
  for (const client of [admin, manager, staff, owner]) assert.equal((await list(client)).length, 1)
  for (const client of [otherOwner, outsider]) {
    assert.deepEqual(await list(client), [])
    assert.equal(codeOf(must(404, await client.get(`photos/${id}`))), 'PHOTO_NOT_FOUND')
  }
  for (const client of [staff, owner, accountant]) {
    must(403, await upload(client))
    must(403, await client.patch(`photos/${id}`, { position: 1 }))
    must(403, await client.delete(`photos/${id}`))
  }
  must(403, await accountant.get('photos'))
  must(401, await upload(anonymous))
  assert.equal(codeOf(must(404, await upload(fixture.outsider))), 'PROPERTY_NOT_FOUND')
})

test('only sizes of pictures can be read from the store', async () => {
  const { id } = await add()
  const { rows } = await store.owner.query('select agency_id, media_key from property_photos where id = $1', [id])
  const folder = `/media/${rows[0]?.agency_id}/${rows[0]?.media_key}`
  assert.ok(readFileSync(join(data_dir, folder, 'original')).equals(jpeg))
  const paths = [
    `${folder}/original`,
    `${folder}/original.webp`,
    `${folder}/small.webp`,
    `${folder}/..%2f..%2f/small.webp`,
  ]
  const outside = [
    '/media/../jwt-secret',
    '/media/%2e%2e/%2e%2e/jwt-secret',
    `${folder}/small.webp%00`,
    '/media/',
    '/media',
  ]
  for (const url of [...paths, ...outside]) {
    const { statusCode } = await fixture.app.inject({ url })
    assert.ok([404, 422].includes(statusCode), `${url}: ${statusCode}`)
  }
})

test('a text that is too long, and a position that is none, are refused with the field', async () => {
  const { id } = await add()
  const cases: [object, string][] = [
    [{ alt_text: '' }, '/alt_text'],
    [{ alt_text: 'x'.repeat(301) }, '/alt_text'],
    [{ position: 0 }, '/position'],
    [{ position: 51 }, '/position'],
    [{ position: 1.5 }, '/position'],
    [{ status: 'ready' }, '/status'],
  ]
  for (const [body, pointer] of cases) {
    const [finding] = findings(must(422, await manager.patch(`photos/${id}`, body)))
    assert.ok(finding?.startsWith(`${pointer} `), finding)
  }
  must(422, await upload(manager, jpeg, `?alt_text=${'x'.repeat(301)}`))
  assert.equal(must(200, await manager.patch(`photos/${id}`, { alt_text: null })).body.alt_text, null)
})
