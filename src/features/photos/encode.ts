// Reads a picture and writes it as WebP in several sizes, without the data about place and camera (docs/adr/0030).
import sharp from 'sharp'
import { type Size, sizeNames, sizes } from './files.ts'
import type { PhotoFailure } from './schema.ts'

/** Above it a picture is refused before it is read: each pixel takes four bytes of memory while it is decoded. */
const max_pixels = 100_000_000
/** Visually the same as the original at a third of the bytes of a JPEG; AVIF takes ten times as long for a fifth less. */
const quality = 78

sharp.concurrency(1)
sharp.cache(false)
// Only the readers of the formats that are accepted: no SVG, PDF, TIFF or anything else that a file may pretend to be.
sharp.block({ operation: ['VipsForeignLoad'] })
sharp.unblock({
  operation: ['VipsForeignLoadJpeg', 'VipsForeignLoadPng', 'VipsForeignLoadWebp', 'VipsForeignLoadHeif'],
})

export interface Encoded {
  /** In pixels, as the picture is seen: after the rotation that a camera has noted. */
  readonly width: number
  readonly height: number
  readonly files: ReadonlyMap<Size, Buffer>
}

/** The picture in all sizes, never enlarged; or why it cannot be read. */
export async function encodePhoto(original: Buffer): Promise<Encoded | PhotoFailure> {
  try {
    const { autoOrient, width, height } = await sharp(original, { limitInputPixels: false }).metadata()
    if (width * height > max_pixels) return 'TOO_MANY_PIXELS'
    const files = new Map<Size, Buffer>()
    for (const size of sizeNames) files.set(size, await encodeSize(original, sizes[size]))
    return { ...autoOrient, files }
  } catch {
    return 'UNREADABLE'
  }
}

function encodeSize(original: Buffer, longest: number): Promise<Buffer> {
  return sharp(original, { limitInputPixels: max_pixels, failOn: 'truncated', sequentialRead: true })
    .autoOrient()
    .resize(longest, longest, { fit: 'inside', withoutEnlargement: true })
    .toColourspace('srgb')
    .webp({ quality })
    .toBuffer()
}
