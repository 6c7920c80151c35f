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

/** A weak tag of answers that mean the same when these values are equal. Not for If-Match. */
export function weakTag(values: readonly unknown[]): string {
  return `W/"${createHash('sha256').update(JSON.stringify(values)).digest('base64url').slice(0, 22)}"`
}

/**
 * The versions in If-Match, without the hashes: a body can change without the record, for example by the guest's name in a
 * booking. `"3"` is the version alone: lists and the calendar have versions but no tags. Undefined without the header or for `*`. A tag
 * in another format matches no version.
 *
 * A weak tag matches like a strong one. This deviates from RFC 9110 13.1.1, because a proxy that compresses (nginx with gzip) makes
 * every tag weak and every If-Match would fail. It is safe: what is compared is the version of the row, not the bytes of the body.
 */
export function ifMatchVersions(request: FastifyRequest): ExpectedVersions {
  const header = request.headers['if-match']
  if (header === undefined || header.trim() === '*') return undefined
  return tagsIn(header).flatMap((tag) => {
    const version = /^(?:W\/)?"(\d{1,9})(?:-[\w-]{10})?"$/.exec(tag)?.[1]
    return version === undefined ? [] : [Number(version)]
  })
}

/** Sends the record with its ETag, or 304 when If-None-Match contains this tag. */
export function sendVersioned(request: FastifyRequest, reply: FastifyReply, record: Versioned): FastifyReply {
  const body = reply.serialize(record) as string
  const etag = etagOf(record, body)
  return sendNotModified(request, reply, etag) ?? sendJson(reply.header('etag', etag), body)
}

/** Answers 304 when If-None-Match contains the tag, else undefined. */
export function sendNotModified(request: FastifyRequest, reply: FastifyReply, etag: string): FastifyReply | undefined {
  const known = knownTag(request.headers['if-none-match'], etag)
  return known === undefined ? undefined : reply.header('etag', known).code(304).send()
}

/** The tag as the client sent it, weak or strong: a cache finds its stored response by it (RFC 9111 4.3.4). */
function knownTag(header: string | undefined, etag: string): string | undefined {
  if (header === undefined) return undefined
  if (header.trim() === '*') return etag
  return tagsIn(header).find((tag) => tag === etag || tag === `W/${etag}`)
}

/** Sends a text that is already JSON. */
export function sendJson(reply: FastifyReply, body: string): FastifyReply {
  return reply.type('application/json; charset=utf-8').send(body)
}

function tagsIn(header: string): string[] {
  return header.split(',').map((tag) => tag.trim())
}
