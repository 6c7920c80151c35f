// Sends a file to be previewed or imported, and reads the lines of the answer.
import { authorizedFetch } from '../../api/client.ts'
import { ApiError, errorOf, OfflineError } from '../../api/errors.ts'
import type { paths } from '../../api/openapi.gen.ts'

type Operation = paths['/api/v1/imports']['post']
type ImportEvent = Operation['responses'][200]['content']['application/x-ndjson']
export type Report = NonNullable<ImportEvent['report']>
export type Progress = NonNullable<ImportEvent['progress']>
type Query = Operation['parameters']['query']
export type Options = Pick<Query, 'kind'> & {
  readonly [Name in Exclude<keyof Query, 'kind' | 'dry_run'>]?: Query[Name] | undefined
}

interface Sending {
  readonly file: File
  readonly options: Options
  readonly is_preview: boolean
  readonly onProgress: (progress: Progress) => void
  readonly signal: AbortSignal
}

/** Throws ApiError for a file that is refused and for an import that ends early, and OfflineError when the connection is lost. */
export async function sendFile({ file, options, is_preview, onProgress, signal }: Sending): Promise<Report> {
  const query = new URLSearchParams({ dry_run: String(is_preview) })
  for (const [name, value] of Object.entries(options)) if (value !== undefined) query.set(name, String(value))
  const { body, headers } = await compress(file)
  const request = new Request(`/api/v1/imports?${query}`, { method: 'POST', body, headers, signal })
  const response = await authorizedFetch(request)
  if (!response.ok || response.body === null) throw await errorOf(response)
  for await (const { progress, report, error } of readEvents(response.body, signal)) {
    if (progress !== undefined) onProgress(progress)
    if (error !== undefined) throw new ApiError({ ...error, status: 500 })
    if (report !== undefined) return report
  }
  throw new OfflineError()
}

/** Exports are tables of text: a tenth of their size, so they arrive in time over a slow line. */
async function compress(file: File): Promise<{ body: Blob; headers: Record<string, string> }> {
  const headers = { 'content-type': 'application/octet-stream' }
  if (typeof CompressionStream === 'undefined') return { body: file, headers }
  const zipped = file.stream().pipeThrough(new CompressionStream('gzip'))
  return { body: await new Response(zipped).blob(), headers: { ...headers, 'content-encoding': 'gzip' } }
}

async function* readEvents(body: ReadableStream<Uint8Array>, signal: AbortSignal): AsyncGenerator<ImportEvent> {
  const reader = body.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>).getReader()
  let rest = ''
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      const lines = (rest + next.value).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) yield JSON.parse(line) as ImportEvent
    }
  } catch (error) {
    if (signal.aborted) throw error
    throw new OfflineError()
  }
}
