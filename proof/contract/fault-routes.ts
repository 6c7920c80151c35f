// Routes that fail on request. For an API in a test process only.
import sql, { raw } from 'sql-template-tag'
import type { Database } from '../../src/core/postgres/database.ts'
import type { Api } from '../../src/http/api.ts'

/** The message of an induced error. No client may see it; the log must contain it. */
export const internal_message =
  'induced by proof/contract: select password_hash from users /* /srv/roost/src/core/secrets.ts:12:34 */'

/** The DETAIL that PostgreSQL adds to an error: it contains values of a row. */
export const row_detail = 'Failing row contains (Slartibartfast)'

/** More than the limit of waiters for a connection. */
const num_waiters = 210

export function addFaultRoutes(app: Api, db: Database): void {
  const config = { can: 'ops:read' } as const
  app.get('/faults/bug', { config }, () => {
    throw new Error(internal_message)
  })
  app.get<{ Params: { state: string } }>('/faults/sqlstate/:state', { config }, ({ actor, params }) => {
    const state = params.state.replaceAll(/[^0-9A-Z]/g, '')
    const text = `do $$ begin raise exception '${internal_message}' using errcode = '${state}',\n      detail = '${row_detail}'; end $$`
    return db.tenantTx(actor, (tx) => tx.query(raw(text)))
  })
  app.get('/faults/drift', { config }, ({ actor }) =>
    db.tenantRead(actor, (tx) => tx.query(raw('select secret_column from no_such_table'))),
  )
  app.get('/faults/feature', { config: { can: 'ops:read', feature: 'owner_portal' } }, () => ({}))
  app.get('/faults/write', { config }, ({ actor }) =>
    db.tenantRead(actor, (tx) => tx.query(sql`delete from blocks b where b.agency_id = ${tx.agency_id} and false`)),
  )
  app.get('/faults/waiters', { config: { open: true } }, async () => {
    const end = Promise.withResolvers<void>()
    // Handled from the start: when none is refused, all of them time out before the last transaction does.
    const waiters = Promise.allSettled(Array.from({ length: num_waiters }, () => db.systemTx(() => end.promise)))
    try {
      return await db.systemTx(async () => 'there was room')
    } finally {
      end.resolve()
      await waiters
    }
  })
}
