// Background work on pg-boss, in the same database: its schema, the jobs that wait, and the worker that runs them.
import { setTimeout as delay } from 'node:timers/promises'
import type { ConstructorOptions, Db, PgBoss } from 'pg-boss'
import manifest from 'pg-boss/package.json' with { type: 'json' }
import { AppError } from './app-error.ts'
import type { Database } from './database.ts'
import { isSqlstate, translate } from './database-errors.ts'
import type { Logger } from './log.ts'
