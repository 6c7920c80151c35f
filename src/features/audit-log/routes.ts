// /api/v1/audit-log: path, who may, schema, one call.
import { Type } from 'typebox'
import { CursorInvalidError } from '../../core/errors.ts'
import type { Api, ApiDeps } from '../../http/api.ts'
import { listAudit } from './audit-log.ts'
import { exportAudit } from './export.ts'
import { AuditFilter, AuditPage, AuditQuery } from './schema.ts'

const tags = ['audit log']

export function auditRoutes(app: Api, { db, cursors }: ApiDeps): void {
  app.get(
    '/audit-log',
    {
      config: { can: 'audit:read', errors: [CursorInvalidError] },
      schema: { tags, summary: 'Who did what, newest first', querystring: AuditQuery, response: { 200: AuditPage } },
    },
    (req) => db.tenantRead(req.actor, (tx) => listAudit(tx, cursors, req.query)),
  )

  app.get(
    '/audit-log/export',
    {
      config: { can: 'audit:read' },
      schema: {
        tags,
        summary: 'The audit log as a CSV file',
        querystring: AuditFilter,
        response: {
          200: {
            description: 'UTF-8 with a byte order mark; no cell is ever a formula.',
            content: { 'text/csv': { schema: Type.String() } },
          },
        },
      },
    },
    async (req, reply) => {
      const lines = await exportAudit(db, req.actor, req.query)
      reply.type('text/csv; charset=utf-8').header('content-disposition', 'attachment; filename="audit-log.csv"')
      return reply.send(lines as unknown as string)
    },
  )
}
