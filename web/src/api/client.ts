// The client of the API: tokens, the agency, idempotency keys, retries, and errors as exceptions.
import createClient, { type Middleware } from 'openapi-fetch'
import { reportAnswer, reportOutage } from './connection.ts'
import { ApiError, errorOf, OfflineError } from './errors.ts'
import type { components, paths } from './openapi.gen.ts'
import { accessToken, replaceToken } from './session.ts'

export type Schema = components['schemas']

let agency_id: string | undefined

/** The agency of all further requests. */
export function setAgency(id: string | undefined): void {
  agency_id = id
}

/** Sends a request with the token, once more after a refresh when it is refused. Throws OfflineError without an answer. */
export async function authorizedFetch(request: Request): Promise<Response> {
  const again = request.clone()
  const token = await accessToken()
  const response = await send(request, token)
  if (response.status !== 401 || token === undefined || (await isWrongPassword(response))) return response
  if (!(await replaceToken(token))) return response
  return send(again, await accessToken())
}

/** Repeating it with another token would count as a second wrong try, and would lock the account sooner. */
async function isWrongPassword(response: Response): Promise<boolean> {
  const { code } = await errorOf(response.clone())
  return code === 'LOGIN_FAILED'
}

async function send(request: Request, token: string | undefined): Promise<Response> {
  if (token !== undefined) request.headers.set('authorization', `Bearer ${token}`)
  if (agency_id !== undefined) request.headers.set('x-agency-id', agency_id)
  try {
    const response = await fetch(request)
    reportAnswer(response.status)
    return response
  } catch (error) {
    if (request.signal.aborted) throw error
    reportOutage()
    throw new OfflineError()
  }
}

/** Every change has a key, so that it can be repeated after a lost answer without being done twice. */
const idempotency: Middleware = {
  onRequest({ request }) {
    if (request.method !== 'GET' && !request.headers.has('idempotency-key') && !request.url.includes('/auth/'))
      request.headers.set('idempotency-key', crypto.randomUUID?.() ?? randomKey())
    return request
  },
}

/** `crypto.randomUUID` exists on https and localhost only. */
function randomKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** The typed client. Throws ApiError or OfflineError; use `data` of what it returns. */
export const api = createClient<paths>({ baseUrl: '/', fetch: authorizedFetch })

api.use(idempotency, {
  async onResponse({ response }) {
    if (response.ok || response.status === 304) return response
    throw await errorOf(response)
  },
})

/** The body of a successful response. */
export async function bodyOf<T>(answer: Promise<{ data?: T | undefined }>): Promise<T> {
  const { data } = await answer
  if (data === undefined) throw new ApiError({ status: 0, code: 'EMPTY_ANSWER', message: 'The answer has no body.' })
  return data
}

/** The header of a change that is refused when the record has changed since. */
export const ifMatch = (version: number) => ({ 'If-Match': `"${version}"` })
