// PostgreSQL settings that every transaction sets, whatever the server's defaults are.
import sql from 'sql-template-tag'

/**
 * Begins a write. The checks of a write (the last admin, the nights of a property) rely on this isolation level, so it does not
 * depend on default_transaction_isolation. READ WRITE is not set: a standby rejects it with 0A000, and an operator may have set
 * default_transaction_read_only to protect a full disk. Reads have no BEGIN and use the default level: they check nothing, and
 * are retried after 40001.
 */
export const begin = 'begin isolation level read committed'

/**
 * Local to the transaction, because a pooler may share sessions. search_path has pg_temp last: if it is not listed, it is
 * searched first, and a temporary table would hide a table of the schema. Dates, times and intervals are returned by the API as
 * PostgreSQL formats them.
 */
export const sessionSettings = sql`set_config('search_path', 'pg_catalog, public, pg_temp', true),
  set_config('datestyle', 'ISO, YMD', true), set_config('intervalstyle', 'postgres', true), set_config('timezone', 'UTC', true),
  set_config('standard_conforming_strings', 'on', true), set_config('row_security', 'on', true)`
