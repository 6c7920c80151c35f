// Makes a large picture smaller before it is uploaded, so that it fits and arrives in time over a slow line.

/** The longest side that the service makes of it, twice over. */
const longest = 4000
const small_bytes = 2_000_000

/** The file itself when it is small, or when this browser cannot read it: then the service says what is wrong. */
export async function shrink(file: File): Promise<Blob> {
  if (file.size <= small_bytes) return file
  const picture = await createImageBitmap(file).catch(() => undefined)
  if (picture === undefined) return file
  const scale = Math.min(1, longest / Math.max(picture.width, picture.height))
  const canvas = document.createElement('canvas')
  canvas.width = Math.round(picture.width * scale)
  canvas.height = Math.round(picture.height * scale)
  canvas.getContext('2d')?.drawImage(picture, 0, 0, canvas.width, canvas.height)
  picture.close()
  const smaller = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.9))
  return smaller !== null && smaller.size < file.size ? smaller : file
}
