// Answers a request with a CSV file that is streamed.
import type { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { ExportSlots } from './export-slots.ts'

/** The responses of a route that sends a CSV file. */
export const csvResponses = {
  200: {
    description: 'UTF-8 with a byte order mark; no cell is a formula.',
    content: { 'text/csv': { schema: Type.String() } },
  },
}

/** What the description of each such route says. */
export const csvLimits =
  'One export at a time per person and agency. An export is aborted after ten minutes: the connection ends without the last chunk.'

/** Sends the lines of `open` as the file `name`. Throws ExportInProgressError, and what `open` throws. */
export async function sendCsv(
  req: FastifyRequest,
  reply: FastifyReply,
  { exports, name, open }: { exports: ExportSlots; name: string; open: () => Promise<Readable> },
): Promise<FastifyReply> {
  const sendFile = (lines: Readable | string) =>
    reply.type('text/csv; charset=utf-8').header('content-disposition', `attachment; filename="${name}"`).send(lines)
  // Without this Fastify would read the whole stream to answer HEAD.
  if (req.raw.method === 'HEAD') return sendFile('')
  const lines = await exports.open(req.actor, open)
  // The client disconnected during the first page, so nothing else ends the stream.
  if (reply.raw.destroyed) lines.destroy()
  return sendFile(lines)
}
