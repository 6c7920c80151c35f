// /api/v1/audit-log: routes with permissions and schemas.
import { CursorInvalidError } from '../../core/errors.ts'
import { ExportInProgressError } from '../../core/request-errors.ts'
import type { Api, ApiDeps } from '../../http/api.ts'
import { csvLimits, csvResponses, sendCsv } from '../../http/csv-download.ts'
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
    description: `${csvLimits} Limit it with created_from and created_to.`,
    querystring: AuditFilter,
    responses: csvResponses,
    work: (req, reply) => {
      const open = () => exportAudit(db, req.actor, req.query)
      return sendCsv(req, reply, { exports, name: 'audit-log.csv', open })
    },
  })
}
