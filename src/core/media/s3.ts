// Pictures in an S3-compatible service: Amazon S3, MinIO, Hetzner, Cloudflare R2 and others.
import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { AwsClient } from 'aws4fetch'
import { MediaUnavailableError } from '../server-errors.ts'
import type { MediaStore } from './media.ts'

const timeout_ms = 30_000
/** Of the service's own errors; each waits longer than the one before. */
const retries = 2

/** `s3://key:secret@host/bucket?region=eu-central-1`, or `s3+http://` for a service in the own network without TLS. */
export function createS3Store(media_url: string): MediaStore {
  const { base, ...credentials } = parseUrl(media_url)
  const client = new AwsClient({ ...credentials, service: 's3', retries })

  /** What `read` makes of the answer; undefined for 404. Addresses have the bucket in their path, which every service understands. */
  async function request<T>(
    method: string,
    key: string,
    read: (answer: Response) => T | Promise<T>,
    body?: Buffer,
  ): Promise<T | undefined> {
    try {
      const options = { method, signal: AbortSignal.timeout(timeout_ms), ...(body && { body: new Uint8Array(body) }) }
      const answer = await client.fetch(`${base}/${key}`, options)
      if (answer.ok) return await read(answer)
      await answer.body?.cancel()
      if (answer.status === 404) return undefined
      throw new Error(`the media store answered ${answer.status} to ${method}`)
    } catch (cause) {
      throw new MediaUnavailableError({ cause: cause as Error })
    }
  }

  return {
    async put(key, content) {
      if ((await request('PUT', key, () => 'stored', content)) !== undefined) return
      throw new MediaUnavailableError({
        cause: new Error('the media store answered 404 to PUT: there is no such bucket'),
      })
    },
    get: (key) => request('GET', key, async (answer) => Buffer.from(await answer.arrayBuffer())),
    open: (key) =>
      request('GET', key, ({ body, headers }) => ({
        bytes: Number(headers.get('content-length')),
        stream: Readable.fromWeb(body as ReadableStream<Uint8Array>),
      })),
    async remove(key) {
      await request('DELETE', key, () => 'removed')
    },
  }
}

function parseUrl(media_url: string) {
  const url = new URL(media_url)
  const scheme = url.protocol === 's3+http:' ? 'http' : 'https'
  return {
    base: `${scheme}://${url.host}${url.pathname.replace(/\/+$/, '')}`,
    accessKeyId: decodeURIComponent(url.username),
    secretAccessKey: decodeURIComponent(url.password),
    region: url.searchParams.get('region') ?? 'us-east-1',
  }
}
