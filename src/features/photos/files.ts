// The files of a picture: their keys in the media store, and the addresses under which they are served.
import { randomBytes } from 'node:crypto'
import type { Image } from './schema.ts'

/** The longest side of each size in pixels, and its name in the address. */
export const sizes = { small: 400, medium: 1000, large: 2000 } as const
export type Size = keyof typeof sizes
export const sizeNames = Object.keys(sizes) as Size[]

export interface Stored {
  readonly agency_id: string
  readonly media_key: string
}

/** 128 random bits, so that the address of a picture cannot be guessed. */
export const newMediaKey = () => randomBytes(16).toString('base64url')

/** The file as it was uploaded. It is not served, and deleted when its sizes exist. */
export const originalKey = ({ agency_id, media_key }: Stored) => `${agency_id}/${media_key}/original`

export const sizeKey = ({ agency_id, media_key }: Stored, size: Size) => `${agency_id}/${media_key}/${size}.webp`

export const allKeys = (photo: Stored) => [originalKey(photo), ...sizeNames.map((size) => sizeKey(photo, size))]

/** The sizes of a picture, the smallest first. A small picture is not enlarged, so it has fewer. */
export function imagesOf(photo: Stored, picture: { readonly width: number; readonly height: number }): Image[] {
  const images = sizeNames.map((size) => ({ url: `/media/${sizeKey(photo, size)}`, ...fitted(picture, sizes[size]) }))
  return images.filter(({ width, height }, n) => width !== images[n - 1]?.width || height !== images[n - 1]?.height)
}

function fitted({ width, height }: { readonly width: number; readonly height: number }, longest: number) {
  const scale = Math.min(1, longest / Math.max(width, height))
  const round = (side: number) => Math.max(1, Math.round(side * scale))
  return { width: round(width), height: round(height) }
}
