// ETag, If-Match and If-None-Match (RFC 9110): "<version>-<hash of the body>". A change is held against the version, a
// cached copy against both: a booking shows its guest's name, which may change without the booking.
import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Expected } from '../core/versions.ts'

/** A record that counts its changes. */
export interface Versioned {
  readonly version?: number
}

export function etagOf({ version }: Versioned, body: string): string {
  return `"${version}-${createHash('sha256').update(body).digest('base64url').slice(0, 10)}"`
}

/** What If-Match asks for: undefined without the header or for `*`; a tag that is none of ours matches no version. */
export function expectedOf(request: FastifyRequest): Expected {
  const header = request.headers['if-match']
  if (header === undefined || header.trim() === '*') return undefined
  return tagsIn(header).flatMap((tag) => {
    const version = /^"(\d{1,9})-[\w-]{10}"$/.exec(tag)?.[1]
    return version === undefined ? [] : [Number(version)]
  })
}

/** Answers with the record and its ETag, or with 304 when the client has this very state of it. */
export function sendVersioned(request: FastifyRequest, reply: FastifyReply, record: Versioned): undefined {
  const body = reply.serialize(record) as string
  const etag = etagOf(record, body)
  reply.header('etag', etag).header('cache-control', 'private, no-cache')
  const known = request.headers['if-none-match']
  if (known !== undefined && (known.trim() === '*' || tagsIn(known).some((tag) => tag.replace(/^W\//, '') === etag))) {
    return reply.code(304).send() as unknown as undefined
  }
  return sendWritten(reply, body)
}

/** Answers with what is JSON already. */
export function sendWritten(reply: FastifyReply, body: string): undefined {
  return reply.type('application/json; charset=utf-8').send(body) as unknown as undefined
}

function tagsIn(header: string): string[] {
  return header.split(',').map((tag) => tag.trim())
}
