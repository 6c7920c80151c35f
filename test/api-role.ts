// The API's login role on a server: owns nothing and can only switch to the tenant or the system role.

export const apiRole = 'roost_test_api'

interface Connection {
  query(text: string): Promise<unknown>
}

/** Creates the role if the server does not have it. Run it after the migrations, which create the roles it is granted. */
export async function createApiRole(connection: Connection): Promise<void> {
  await connection.query(`do $$ begin
    if not exists (select from pg_roles where rolname = '${apiRole}') then
      create role ${apiRole} login noinherit password '${apiRole}';
    end if;
    grant roost_tenant, roost_system to ${apiRole};
  end $$`)
}
