// What roost doctor says about the store of pictures: whether a file can be written, read and deleted.
import { randomUUID } from 'node:crypto'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Config } from '../config.ts'
import { reasonOf } from '../core/error-reason.ts'
import { createMedia } from '../core/media/media.ts'

export async function checkMedia(
  config: Config,
): Promise<{ readonly result: 'ok' | 'error'; readonly message: string }> {
  const media = createMedia(config)
  const key = `doctor/${randomUUID()}`
  const content = Buffer.from('written by roost doctor')
  try {
    await media.put(key, content)
    const is_read = (await media.get(key))?.equals(content) === true
    await media.remove(key)
    if (is_read) return { result: 'ok', message: `pictures are stored in ${placeOf(config)}` }
    return { result: 'error', message: `a file that was written to ${placeOf(config)} cannot be read: check MEDIA_URL` }
  } catch (error) {
    const reason = reasonOf((error as Error).cause ?? error)
    return { result: 'error', message: `pictures cannot be stored in ${placeOf(config)}: ${reason}` }
  }
}

/** Without the secret of a bucket. */
function placeOf({ media_url, data_dir }: Config): string {
  if (media_url === undefined) return `${resolve(data_dir, 'media')} on this machine`
  if (media_url.startsWith('file:')) return fileURLToPath(media_url)
  const { host, pathname } = new URL(media_url)
  return `the bucket ${pathname.replaceAll('/', '')} at ${host}`
}
