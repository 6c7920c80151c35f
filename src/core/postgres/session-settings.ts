// The settings of PostgreSQL that Roost relies on, set in every transaction whatever the operator's defaults are.
import sql from 'sql-template-tag'

/**
 * Begins a transaction that writes. The isolation level decides what the guards of a change see (the last admin, the
 * nights of a home), so it is named here: default_transaction_isolation may say otherwise. READ WRITE is not: a standby refuses
 * it with 0A000, and default_transaction_read_only may protect a disk that is full. A read begins without BEGIN and
 * takes the default: it decides nothing, and one that fails with 40001 is asked again.
 */
export const begin = 'begin isolation level read committed'

/**
 * Local to the transaction, since sessions may be shared through a pooler. search_path names pg_temp last: left out, it
 * is searched first, and a temporary table would stand in front of ours. The texts of dates, times and intervals are part
 * of the API's answers.
 */
export const sessionSettings = sql`set_config('search_path', 'pg_catalog, public, pg_temp', true),
  set_config('datestyle', 'ISO, YMD', true), set_config('intervalstyle', 'postgres', true), set_config('timezone', 'UTC', true),
  set_config('standard_conforming_strings', 'on', true), set_config('row_security', 'on', true)`
