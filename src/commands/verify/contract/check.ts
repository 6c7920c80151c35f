// Compares an error reply with its documentation: status, envelope, headers, disclosed internals.
import type { ErrorEntry } from '../../../core/app-error.ts'
import type { HttpReply } from './caller.ts'

/** Sent by the HTTP parser, before a request with an id exists. */
const without_request = ['BAD_REQUEST', 'REQUEST_TIMEOUT', 'EXPECTATION_FAILED', 'HEADERS_TOO_LARGE']

const members = ['code', 'message', 'request_id', 'retryable', 'details', 'meta']

/** Internals that no client may read: SQL, files and stacks, names of libraries. */
const internals = [
  /\bselect\b.*\bfrom\b|\binsert into\b|\bdelete from\b|\bupdate\b.*\bset\b/i,
  /pg_|postgres|pglite|sqlstate|violates|syntax error|duplicate key|failing row/i,
  /node_modules|\/src\/|\.[jt]s:\d|\\n\s+at |\bat .+:\d+:\d+/,
  /FST_|HPE_|ECONN|ERR_/,
]

type Envelope = Readonly<Record<string, unknown>>

/** One line for each difference from the documentation. */
export function problemsOf(reply: HttpReply, entry: ErrorEntry): string[] {
  const envelope = envelopeOf(reply.text)
  if (typeof envelope === 'string') return [`status ${reply.status} without the envelope: ${envelope}`]
  return [
    ...identityProblems(reply, envelope, entry),
    ...envelopeProblems(envelope, entry),
    ...requestProblems(reply, envelope, entry),
    ...headerProblems(reply, entry),
    ...internals
      .filter((pattern) => pattern.test(reply.text))
      .map((pattern) => `the text discloses internals: ${pattern.exec(reply.text)?.[0]}`),
  ]
}

/** The `error` object of the body, or the start of the text when the body is not an error envelope. */
function envelopeOf(text: string): Envelope | string {
  try {
    const body = JSON.parse(text) as { error?: unknown } | null
    const is_alone = typeof body === 'object' && body !== null && Object.keys(body).join() === 'error'
    if (is_alone && typeof body.error === 'object' && body.error !== null) return body.error as Envelope
  } catch {}
  return text.slice(0, 100)
}

function identityProblems({ status }: HttpReply, { code }: Envelope, entry: ErrorEntry): string[] {
  return [
    ...(status === entry.status ? [] : [`status ${status} instead of ${entry.status}`]),
    ...(code === entry.code ? [] : [`code ${code} instead of ${entry.code}`]),
  ]
}

function envelopeProblems(envelope: Envelope, { code, status, message, retryable }: ErrorEntry): string[] {
  const unknown = Object.keys(envelope).filter((name) => !members.includes(name))
  const has_more = status >= 500 && (envelope.message !== message || 'details' in envelope || 'meta' in envelope)
  return [
    ...unknown.map((name) => `the undocumented member ${name}`),
    ...(typeof envelope.message === 'string' && envelope.message !== '' ? [] : ['no message']),
    ...(envelope.retryable === retryable ? [] : [`retryable ${envelope.retryable} instead of ${retryable}`]),
    ...(has_more ? ['a 5xx with more than its general message'] : []),
    ...(code !== 'VALIDATION_ERROR' || areDetails(envelope.details)
      ? []
      : ['no details with pointer, code and message']),
  ]
}

function areDetails(details: unknown): boolean {
  if (!Array.isArray(details) || details.length === 0) return false
  return details.every((one) => ['pointer', 'code', 'message'].every((name) => typeof one?.[name] === 'string'))
}

function requestProblems({ headers }: HttpReply, { request_id }: Envelope, { code }: ErrorEntry): string[] {
  if (without_request.includes(code)) return []
  if (typeof request_id !== 'string' || !/^[\w.-]{1,64}$/.test(request_id)) return [`request_id ${request_id}`]
  const header = headers['x-request-id']
  return header === request_id ? [] : [`x-request-id ${header} is not the request_id ${request_id}`]
}

function headerProblems({ headers, text }: HttpReply, { code, retryable }: ErrorEntry): string[] {
  const type = headers['content-type']
  const length = headers['content-length']
  const wait = headers['retry-after']
  return [
    ...(type === 'application/json; charset=utf-8' ? [] : [`content-type ${type}`]),
    // A proxy may use chunked encoding instead.
    ...(length === undefined || Number(length) === Buffer.byteLength(text) ? [] : [`content-length ${length}`]),
    ...(!retryable || /^[1-9]\d*$/.test(String(wait)) ? [] : [`Retry-After ${wait}`]),
    ...(code !== 'METHOD_NOT_ALLOWED' || typeof headers.allow === 'string' ? [] : ['no Allow']),
    ...('x-powered-by' in headers ? ['the header x-powered-by'] : []),
  ]
}

/** Checks that docs/errors.md has the code with its status and an anchor. */
export function pageProblems(page: string, { code, status }: ErrorEntry): string[] {
  const line = page.split('\n').find((one) => one.includes(`\`${code}\` |`))
  if (line === undefined) return ['is not in docs/errors.md']
  return [
    ...(line.includes(`<a id="${code}"></a>`) ? [] : ['has no anchor in docs/errors.md']),
    ...(line.includes(`\`${code}\` | ${status} |`) ? [] : [`docs/errors.md does not give it the status ${status}`]),
  ]
}
