// The operator sets a new password for a person who has lost it.
import { operatorOf } from '../../core/auth/actors.ts'
import { ConflictError } from '../../core/errors.ts'
import { recordAudit } from '../../core/events/audit.ts'
import type { Mail } from '../../core/mail/mail.ts'
import { tryQueueMail } from '../../core/mail/outbox.ts'
import type { Database } from '../../core/postgres/database.ts'
import { type Account, accountFor, findAccounts, hashFor, isProven, requireEmail, resetPassword } from './accounts.ts'
import { lifetimes } from './mails.ts'

export interface OperatorReset {
  readonly email: string
  /** Selects the account when the address has several. */
  readonly agency_id?: string | undefined
}

/**
 * The account with a password of this address: in the given agency, otherwise the proven or the only one. Throws ConflictError
 * with advice when there is none, more than one, or one without a password.
 */
export async function findResettable(db: Database, { email: given, agency_id }: OperatorReset): Promise<Account> {
  const email = requireEmail(given)
  const accounts = await findAccounts(db, email)
  const [account, second] =
    agency_id === undefined
      ? preferProven(accounts)
      : [accountFor(accounts, agency_id)].filter((one) => one !== undefined)
  if (account === undefined) throw new ConflictError({ message: `${email} has no account here: use roost member add.` })
  if (second !== undefined) {
    const slugs = accounts.map(({ local_agency_slug }) => local_agency_slug).join(', ')
    throw new ConflictError({ message: `${email} has an account in each of ${slugs}: choose one with --agency.` })
  }
  if (account.auth_subject !== null) {
    throw new ConflictError({ message: `${email} signs in through the identity provider and has no password.` })
  }
  if (!account.is_active) throw new ConflictError({ message: `The account of ${email} is closed.` })
  return account
}

function preferProven(accounts: readonly Account[]): readonly Account[] {
  const proven = accounts.filter(isProven)
  return proven.length > 0 ? proven : accounts
}

/** Sets the password, ends all sessions, tells the person by e-mail, and adds an entry in each agency of the account. */
export async function resetByOperator(db: Database, mail: Mail, account: Account, password: string): Promise<void> {
  const { id, email, active_in } = account
  const hash = await hashFor(await findAccounts(db, email), password)
  await db.systemTx(async (tx) => {
    await resetPassword(tx, id, hash)
    await tryQueueMail(tx, mail, { kind: 'password_changed', to: email, lifetime_s: lifetimes.notice })
  })
  for (const agency_id of active_in) {
    await db.tenantTx(operatorOf(agency_id), async (tx) => {
      recordAudit(tx, { action: 'member.password_reset', entity_type: 'team_member', entity_id: id })
    })
  }
}
