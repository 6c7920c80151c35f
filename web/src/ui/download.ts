// Saves a file of the API: read with the token, then given to the browser.
import { authorizedFetch } from '../api/client.ts'
import { errorOf } from '../api/errors.ts'

/** Throws ApiError, OfflineError. */
export async function download(path: string, file_name: string): Promise<void> {
  const response = await authorizedFetch(new Request(path))
  if (!response.ok) throw await errorOf(response)
  saveBlob(await response.blob(), file_name)
}

export function saveBlob(blob: Blob, file_name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = file_name
  link.click()
  URL.revokeObjectURL(link.href)
}
