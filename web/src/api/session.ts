// The session of this browser: the access token in memory, the refresh token in a cookie that no script can read (ADR 0028).
import type { components } from './openapi.gen.ts'

type TokenPair = components['schemas']['TokenPair']

/**
 * `starting`: the cookie is being tried. `expired`: it was refused while somebody worked; the screen stays and asks for the password.
 * `unreachable`: the service did not answer the first request.
 */
export type SessionStatus = 'starting' | 'signed_in' | 'signed_out' | 'expired' | 'unreachable'

interface Token {
  readonly value: string
  /** Of `performance.now()`. */
  readonly renew_at: number
}

let status: SessionStatus = 'starting'
let token: Token | undefined
let refreshing: Promise<boolean> | undefined
const listeners = new Set<() => void>()

export const readStatus = (): SessionStatus => status

export function subscribeToStatus(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function setStatus(next: SessionStatus): void {
  if (status === next) return
  status = next
  for (const listener of listeners) listener()
}

/** Keeps the token of a sign-in. */
export function startSession({ access_token, expires_in }: TokenPair): void {
  token = { value: access_token, renew_at: performance.now() + Math.max(expires_in - 60, expires_in / 2) * 1000 }
  setStatus('signed_in')
}

export function forgetSession(): void {
  token = undefined
  setStatus('signed_out')
}

/** The access token, renewed when it is about to expire. Undefined without a session. */
export async function accessToken(): Promise<string | undefined> {
  if (status === 'signed_out') return undefined
  if (token !== undefined && performance.now() < token.renew_at) return token.value
  await refreshSession()
  return token?.value
}

/** After a 401: the token that was refused is not used again. Returns whether there is a new one. */
export async function replaceToken(refused: string): Promise<boolean> {
  if (token !== undefined && token.value !== refused) return true
  token = undefined
  return refreshSession()
}

/** Exchanges the cookie for a token. One request at a time in this tab, and with Web Locks in this browser. */
export function refreshSession(): Promise<boolean> {
  refreshing ??= exclusively(exchangeCookie).finally(() => {
    refreshing = undefined
  })
  return refreshing
}

const exclusively = <T>(work: () => Promise<T>): Promise<T> =>
  navigator.locks === undefined ? work() : navigator.locks.request('roost.refresh', work)

async function exchangeCookie(): Promise<boolean> {
  const answer = await postSession('/api/v1/auth/refresh')
  if (answer?.status === 200) {
    startSession(JSON.parse(answer.text) as TokenPair)
    return true
  }
  if (answer?.status === 401) {
    token = undefined
    setStatus(status === 'signed_in' || status === 'expired' ? 'expired' : 'signed_out')
  } else if (status === 'starting' || status === 'unreachable') setStatus('unreachable')
  return false
}

/** Ends the session on the server as well. Without an answer the cookie stays, so the caller reports that. */
export async function endSession(): Promise<boolean> {
  const answer = await postSession('/api/v1/auth/logout')
  if (answer === undefined || answer.status >= 500) return false
  forgetSession()
  return true
}

interface Answer {
  readonly status: number
  readonly text: string
}

/** Undefined if there was no answer. The body is always read: until then it keeps one of the browser's few connections. */
async function postSession(path: string): Promise<Answer | undefined> {
  try {
    const response = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"session":"cookie"}',
    })
    return { status: response.status, text: await response.text() }
  } catch {
    return undefined
  }
}
