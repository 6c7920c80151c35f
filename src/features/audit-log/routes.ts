// /api/v1/audit-log: routes with permissions and schemas.
import type { Readable } from 'node:stream'
import { Type } from 'typebox'
import { CursorInvalidError, ExportInProgressError } from '../../core/errors.ts'
import type { Api, ApiDeps } from '../../http/api.ts'
import { plainRoute, readRoute } from '../../http/route.ts'
import { auditCost, listAudit } from './audit-log.ts'
import { exportAudit } from './export.ts'
import { AuditFilter, AuditPage, AuditQuery } from './schema.ts'

const tags = ['audit log']

export function auditRoutes(app: Api, { db, cursors, exports }: ApiDeps): void {
  readRoute(app, db, '/audit-log', {
    can: 'audit:read',
    errors: [CursorInvalidError],
    tags,
    operationId: 'listAuditLog',
    summary: 'List the audit log, newest first',
    description: 'Every change of every record of the agency, with the values before and after.',
    querystring: AuditQuery,
    response: AuditPage,
    cost: (req) => auditCost(req.query),
    work: (tx, req) => listAudit(tx, cursors, req.query),
  })

  plainRoute(app, 'GET', '/audit-log/export', {
    can: 'audit:read',
    errors: [ExportInProgressError],
    tags,
    operationId: 'exportAuditLog',
    summary: 'Export the audit log as CSV',
    description:
      'One export at a time per person and agency. An export is aborted after ten minutes: the connection ends without the last chunk. Limit it with created_from and created_to.',
    querystring: AuditFilter,
    responses: {
      200: {
        description: 'UTF-8 with a byte order mark; no cell is a formula.',
        content: { 'text/csv': { schema: Type.String() } },
      },
    },
    work: async (req, reply) => {
      const sendFile = (lines: Readable | string) =>
        reply
          .type('text/csv; charset=utf-8')
          .header('content-disposition', 'attachment; filename="audit-log.csv"')
          .send(lines)
      // Without this Fastify would read the whole stream to answer HEAD.
      if (req.raw.method === 'HEAD') return sendFile('')
      const lines = await exports.open(req.actor, () => exportAudit(db, req.actor, req.query))
      // The client disconnected during the first page, so nothing else ends the stream.
      if (reply.raw.destroyed) lines.destroy()
      return sendFile(lines)
    },
  })
}
