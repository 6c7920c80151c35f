// Bytes to a server of this machine, as roost verify sends them, and what a test asserts of the replies.
import assert from 'node:assert/strict'
import {
  type Exchange,
  exchangeAt,
  type RawReply,
  type Script as Sent,
} from '../src/commands/verify/contract/raw-socket.ts'

export interface Script extends Sent {
  /** The address to connect to (127.0.0.1). */
  readonly address?: string
}

/** As exchangeAt, with a minute before it counts as hanging. */
export function exchange(port: number, { address = '127.0.0.1', ...script }: Script): Promise<Exchange> {
  return exchangeAt({ hostname: address, port, is_tls: false }, { patience: 60_000, ...script })
}

/** Asserts that a reply is exactly the error envelope, and returns its inside. */
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
