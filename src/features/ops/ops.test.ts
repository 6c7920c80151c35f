// /ops: the deployed commit, the state of the components, and the restriction to OPS_AGENCY.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { parseConfig } from '../../config.ts'
import { ForbiddenError } from '../../core/errors.ts'
import type { Health } from '../../core/health.ts'
import { commitOf, envSanity, requireOpsAgency } from './ops.ts'

async function folderOf(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'roost-ops-'))
  t.after(() => rm(folder, { recursive: true }))
  return folder
}

function git(folder: string, ...words: string[]): string {
  const author = ['-c', 'user.name=Test', '-c', 'user.email=test@roost.example', '-c', 'commit.gpgsign=false']
  return execFileSync('git', [...author, ...words], { cwd: folder, encoding: 'utf8', stdio: 'pipe' }).trim()
}

function commit(folder: string): string {
  git(folder, 'commit', '--allow-empty', '--message', 'a commit')
  return git(folder, 'rev-parse', 'HEAD')
}

test('COMMIT_SHA is used without calling git', async (t) => {
  assert.equal(await commitOf({ commit_sha: 'abc123' }, await folderOf(t))(), 'abc123')
})

test('the commit is the one checked out when the process started', async (t) => {
  const folder = await folderOf(t)
  git(folder, 'init')
  const started = commit(folder)
  const readCommit = commitOf({ commit_sha: undefined }, folder)
  assert.equal(await readCommit(), started)
  assert.notEqual(commit(folder), started)
  assert.equal(await readCommit(), started)
})

test('outside a repository the commit is unknown, until git can provide it', async (t) => {
  const folder = await folderOf(t)
  const readCommit = commitOf({ commit_sha: undefined }, folder)
  assert.equal(await readCommit(), 'unknown')
  git(folder, 'init')
  const head = commit(folder)
  const commits = [await readCommit(), await readCommit()]
  assert.equal(commits.at(-1), head)
})

test('a git call that hangs is cancelled after a second', async (t) => {
  const folder = await folderOf(t)
  await writeFile(join(folder, 'git'), '#!/bin/sh\nexec sleep 600\n')
  await chmod(join(folder, 'git'), 0o755)
  const { PATH } = process.env
  t.after(() => {
    process.env.PATH = PATH
  })
  process.env.PATH = `${folder}:${PATH}`
  const started = performance.now()
  assert.equal(await commitOf({ commit_sha: undefined }, folder)(), 'unknown')
  assert.ok(performance.now() - started > 900, 'not before')
})

test('env-sanity has the state of the health checks and the missing variables', async () => {
  const checks = { db: 'ok', redis: 'disabled', worker: 'error' } as const
  const health: Health = {
    report: async () => ({ status: 'degraded', checks }),
    isReady: async () => true,
    readinessError: async () => undefined,
    drain: () => {},
  }
  const complete = parseConfig({})
  const env = { ok: true, missing: [] }
  const unknown = { audit: async () => undefined }
  const parts = { db: 'ok', redis: 'disabled', celery: 'error' }
  const commit = async () => 'abc123'
  assert.deepEqual(await envSanity(health, unknown, complete, commit), { ...parts, tenancy: 'error', env })
  const lacking = parseConfig({ DATABASE_URL: 'postgres://roost:geheim@127.0.0.1/roost' })
  const missing = (await envSanity(health, unknown, lacking, async () => 'unknown')).env.missing
  assert.deepEqual(missing.slice(0, 2), ['JWT_SECRET', 'COMMIT_SHA'])
})

test('with OPS_AGENCY only an actor of that agency is permitted', () => {
  const alps = { agency_id: 'a', agency_name: 'Alps', agency_slug: 'alps', role: 'admin' } as const
  const coast = { agency_id: 'c', agency_name: 'Coast', agency_slug: 'coast', role: 'admin' } as const
  const actingFor = ({ agency_id, role }: typeof alps | typeof coast) => ({
    agency_id,
    role,
    id: 'u',
    kind: 'person' as const,
  })
  requireOpsAgency(undefined, actingFor(coast), [coast])
  requireOpsAgency('alps', actingFor(alps), [coast, alps])
  assert.throws(() => requireOpsAgency('alps', actingFor(coast), [coast]), ForbiddenError)
  assert.throws(() => requireOpsAgency('alps', actingFor(coast), [alps, coast]), ForbiddenError)
  assert.throws(() => requireOpsAgency('nobody', actingFor(alps), [alps, coast]), ForbiddenError)
})
