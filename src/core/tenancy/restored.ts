// Completes a database that pg_restore has filled: owners of functions, and rights that a dump does not have.
import type { MigrationConnection } from '../migrations/migrations.ts'
import { roles } from './expected.ts'
import wanted from './manifest.json' with { type: 'json' }
import { fingerprintOf } from './manifest.ts'
import { quoted, sets } from './rules.ts'

interface Misowned {
  readonly signature: string
  readonly role: string
}

/**
 * pg_restore cannot give a function to roost_auth unless a superuser runs it: the role may not create in the schema app. Each
 * function that differs from the manifest in its owner only gets that owner, and PUBLIC loses its default rights. Does nothing where nothing is missing, or where the connection may not change it; the tenancy audit reports that.
 * Returns the functions that got another owner.
 */
export async function completeRestored(connection: MigrationConnection): Promise<string[]> {
  const functions = await findMisowned(connection)
  const new_owners = [...new Set(functions.map(({ role }) => role))]
  await inTransaction(connection, async () => {
    for (const role of new_owners) await connection.query(`grant create on schema app to ${role}`)
    for (const { signature, role } of functions) await connection.query(`alter function ${signature} owner to ${role}`)
    for (const role of new_owners) await connection.query(`revoke create on schema app from ${role}`)
    for (const text of await findMissingRevokes(connection)) await connection.query(text)
  })
  return functions.map(({ signature }) => signature)
}

/** The functions that the connection may give to the role that owns them in the manifest. */
async function findMisowned(connection: MigrationConnection): Promise<Misowned[]> {
  return inTransaction(connection, async () => {
    // Makes the server print names with their schema.
    await connection.query("select set_config('search_path', 'pg_catalog', true)")
    const { rows } = await connection.query(
      `${sets}
      select f.signature, w.role from functions f cross join unnest(array[${quoted(Object.values(roles))}]) w (role)
      where ${fingerprintOf('w.role')} = $1::jsonb ->> f.signature and pg_get_userbyid(f.proowner) <> w.role
        and pg_has_role(current_user, f.proowner, 'usage')
        and exists (select from pg_roles r where r.rolname = w.role and pg_has_role(current_user, r.oid, 'member'))
        and exists (select from pg_namespace n where n.nspname = 'app' and pg_has_role(current_user, n.nspowner, 'usage'))
      order by 1`,
      [JSON.stringify(wanted.functions)],
    )
    return rows.map(({ signature, role }) => ({ signature: String(signature), role: String(role) }))
  })
}

/**
 * The right to make temporary tables belongs to the database, so pg_dump leaves it out; only the owner of the database can revoke
 * it. Default privileges belong to the role that runs the migrations, which may be another one here.
 */
async function findMissingRevokes(connection: MigrationConnection): Promise<string[]> {
  const { rows } = await connection.query(`
    select format('revoke temporary on database %I from public', d.datname) as text from pg_database d
    where d.datname = current_database() and pg_has_role(current_user, d.datdba, 'usage')
      and exists (select from aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) x
        where x.grantee = 0 and x.privilege_type = 'TEMPORARY')
    union all
    select 'alter default privileges revoke execute on functions from public'
    where not exists (select from pg_default_acl d
      where d.defaclrole = current_user::regrole and d.defaclnamespace = 0 and d.defaclobjtype = 'f')`)
  return rows.map(({ text }) => String(text))
}

async function inTransaction<T>(connection: MigrationConnection, work: () => Promise<T>): Promise<T> {
  await connection.query('begin')
  try {
    await connection.query("select set_config('lock_timeout', '5s', true)")
    const result = await work()
    await connection.query('commit')
    return result
  } catch (error) {
    await connection.query('rollback').catch(() => {})
    throw error
  }
}
