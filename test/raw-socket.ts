// Sends bytes to a server on this machine, as roost verify does, with assertions on the responses.
import assert from 'node:assert/strict'
import {
  type Exchange,
  exchangeAt,
  type RawReply,
  type RawRequest,
} from '../src/commands/verify/contract/raw-socket.ts'

export interface Script extends RawRequest {
  /** The address to connect to (127.0.0.1). */
  readonly address?: string
}

/** Like exchangeAt, with a timeout of five minutes. */
export function exchange(port: number, { address = '127.0.0.1', ...script }: Script): Promise<Exchange> {
  return exchangeAt({ hostname: address, port, is_tls: false }, { timeout_ms: 300_000, ...script })
}

/** Asserts that a response is exactly the error envelope, and returns its `error`. */
export function errorIn(reply: RawReply | undefined): Record<string, unknown> {
  assert.ok(reply !== undefined, 'no reply')
  assert.equal(reply.headers['content-type'], 'application/json; charset=utf-8')
  assert.equal(reply.headers['content-length'], String(Buffer.byteLength(reply.text)))
  const body = JSON.parse(reply.text) as { error: Record<string, unknown> }
  assert.deepEqual(Object.keys(body), ['error'])
  const known = ['code', 'message', 'request_id', 'retryable', 'details', 'meta']
  assert.deepEqual(
    Object.keys(body.error).filter((name) => !known.includes(name)),
    [],
  )
  assert.equal(typeof body.error.code, 'string')
  assert.equal(typeof body.error.message, 'string')
  return body.error
}
