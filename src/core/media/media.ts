// Where pictures are stored: a folder by default, or an S3-compatible service (MEDIA_URL).

import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { Config } from '../../config.ts'
import { createFolderStore } from './folder.ts'
import { createS3Store } from './s3.ts'

/** Files by key: `<agency>/<random>/<name>`. Every method throws MediaUnavailableError when the store does not answer. */
export interface MediaStore {
  /** Stores a file, in place of one with the same key. */
  put(key: string, content: Buffer): Promise<void>
  /** Undefined when there is no such file. */
  get(key: string): Promise<Buffer | undefined>
  /** As a stream of known length. Undefined when there is no such file. */
  open(key: string): Promise<MediaFile | undefined>
  /** Also when there is no such file. */
  remove(key: string): Promise<void>
}

interface MediaFile {
  readonly bytes: number
  readonly stream: Readable
}

/** The store that the configuration names. Creates nothing until a file is stored. */
export function createMedia({ media_url, data_dir }: Pick<Config, 'media_url' | 'data_dir'>): MediaStore {
  if (media_url === undefined) return createFolderStore(join(data_dir, 'media'))
  return media_url.startsWith('file:') ? createFolderStore(fileURLToPath(media_url)) : createS3Store(media_url)
}
