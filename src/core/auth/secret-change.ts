// Notices that JWT_SECRET is not the one of the last start, by a fingerprint in the database.
import sql from 'sql-template-tag'
import type { Logger } from '../log.ts'
import type { Database } from '../postgres/database.ts'
import type { Tokens } from './tokens.ts'

/** Stores the fingerprint of the secret. Returns whether another one was stored before. */
export async function hasSecretChanged(db: Database, tokens: Pick<Tokens, 'deriveKey'>): Promise<boolean> {
  const fingerprint = tokens.deriveKey('fingerprint of the secret')
  // Both parts of the statement see the row as it was before.
  const { has_changed } = await db.systemTx((tx) =>
    tx.one<{ has_changed: boolean }>(sql`
      with saved as (
        insert into app.signing_secret as s (fingerprint) values (${fingerprint})
        on conflict (is_only) do update set fingerprint = excluded.fingerprint, changed_at = now()
        where s.fingerprint <> excluded.fingerprint)
      select exists (select from app.signing_secret s where s.fingerprint <> ${fingerprint}) as has_changed`),
  )
  return has_changed
}

const warning =
  'JWT_SECRET is not the one of the last start: access tokens issued with that one are refused, so clients refresh or sign in ' +
  'again, and links in e-mails that were not sent yet cannot be read. If you have not changed it on purpose, generate it ' +
  'once, keep it, and give it to every process'

/** Logs one warning after a change. A database that cannot be asked is reported elsewhere. */
export async function warnOfSecretChange(db: Database, tokens: Tokens, log: Logger): Promise<void> {
  if (!tokens.canIssue) return
  const has_changed = await hasSecretChanged(db, tokens).catch(() => false)
  if (has_changed) log.warn({ setting: 'JWT_SECRET' }, warning)
}
