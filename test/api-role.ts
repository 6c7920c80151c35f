// The login role of the API on a server: owns nothing, may only become the tenant role or the system role.

export const apiRole = 'roost_test_api'

interface Connection {
  query(text: string): Promise<unknown>
}

/** Makes the role if the server does not have it. Run it after the migrations, which make the roles it may become. */
export async function createApiRole(connection: Connection): Promise<void> {
  await connection.query(`do $$ begin
    if not exists (select from pg_roles where rolname = '${apiRole}') then
      create role ${apiRole} login noinherit password '${apiRole}';
    end if;
    grant authenticated, roost_system to ${apiRole};
  end $$`)
}
