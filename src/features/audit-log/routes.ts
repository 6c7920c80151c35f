// /api/v1/audit-log: routes with permissions and schemas.
import { Type } from 'typebox'
import { CursorInvalidError, ExportInProgressError } from '../../core/errors.ts'
import type { Api, ApiDeps } from '../../http/api.ts'
import { auditCost, listAudit } from './audit-log.ts'
import { exportAudit } from './export.ts'
import { AuditFilter, AuditPage, AuditQuery } from './schema.ts'

const tags = ['audit log']

export function auditRoutes(app: Api, { db, cursors, exports }: ApiDeps): void {
  app.get(
    '/audit-log',
    {
      config: { can: 'audit:read', errors: [CursorInvalidError] },
      schema: {
        tags,
        summary: 'List the audit log, newest first',
        querystring: AuditQuery,
        response: { 200: AuditPage },
      },
    },
    (req) => db.tenantRead(req.actor, (tx) => listAudit(tx, cursors, req.query), auditCost(req.query)),
  )

  app.get(
    '/audit-log/export',
    {
      config: { can: 'audit:read', errors: [ExportInProgressError] },
      schema: {
        tags,
        summary: 'Export the audit log as CSV',
        description:
          'One export at a time per person and agency. An export is aborted after ten minutes: the connection ends without the last chunk. Limit it with created_from and created_to.',
        querystring: AuditFilter,
        response: {
          200: {
            description: 'UTF-8 with a byte order mark; no cell is a formula.',
            content: { 'text/csv': { schema: Type.String() } },
          },
        },
      },
    },
    async (req, reply) => {
      reply.type('text/csv; charset=utf-8').header('content-disposition', 'attachment; filename="audit-log.csv"')
      // Without this Fastify would read the whole stream to answer HEAD.
      if (req.raw.method === 'HEAD') return reply.send('')
      const lines = await exports.open(req.actor, () => exportAudit(db, req.actor, req.query))
      // The client disconnected during the first page, so nothing else ends the stream.
      if (reply.raw.destroyed) lines.destroy()
      return reply.send(lines as unknown as string)
    },
  )
}
