// ETag, If-Match and If-None-Match (RFC 9110). A tag is "<version>-<hash of the body>".
import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ExpectedVersions } from '../core/versions.ts'

/** A record with a version number. */
export interface Versioned {
  readonly version?: number
}

export function etagOf({ version }: Versioned, body: string): string {
  return `"${version}-${createHash('sha256').update(body).digest('base64url').slice(0, 10)}"`
}

/**
 * The versions in If-Match, without the hashes: a body can change without the record, for example by the guest's name in a
 * booking. Undefined without the header or for `*`. A tag in another format matches no version.
 */
export function ifMatchVersions(request: FastifyRequest): ExpectedVersions {
  const header = request.headers['if-match']
  if (header === undefined || header.trim() === '*') return undefined
  return tagsIn(header).flatMap((tag) => {
    const version = /^"(\d{1,9})-[\w-]{10}"$/.exec(tag)?.[1]
    return version === undefined ? [] : [Number(version)]
  })
}

/** Sends the record with its ETag, or 304 when If-None-Match contains this tag. */
export function sendVersioned(request: FastifyRequest, reply: FastifyReply, record: Versioned): undefined {
  const body = reply.serialize(record) as string
  const etag = etagOf(record, body)
  reply.header('etag', etag).header('cache-control', 'private, no-cache')
  const known = request.headers['if-none-match']
  if (known !== undefined && (known.trim() === '*' || tagsIn(known).some((tag) => tag.replace(/^W\//, '') === etag))) {
    return reply.code(304).send() as unknown as undefined
  }
  return sendJson(reply, body)
}

/** Sends a text that is already JSON. */
export function sendJson(reply: FastifyReply, body: string): undefined {
  return reply.type('application/json; charset=utf-8').send(body) as unknown as undefined
}

function tagsIn(header: string): string[] {
  return header.split(',').map((tag) => tag.trim())
}
