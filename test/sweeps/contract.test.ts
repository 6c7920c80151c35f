// Every documented error matches docs/errors.md, also those that need a fault inside the process.
// One engine is enough: the errors do not depend on it.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { all_triggers, fault_triggers } from '../../proof/contract/fault-triggers.ts'
import { runCases } from '../../src/commands/verify/contract/case-run.ts'
import { not_triggered, triggers } from '../../src/commands/verify/contract/triggers.ts'
import { errorCatalogue } from '../../src/core/app-error.ts'
import { cast } from '../harness.ts'
import { errorEnvironment, with_fault_routes } from './error-triggers.ts'

const fixture = await cast(with_fault_routes)
const { store } = fixture
const environment = await errorEnvironment(fixture)
const page = readFileSync(join(import.meta.dirname, '../../docs/errors.md'), 'utf8')

test('every error that can be triggered here is as documented, and HEAD answers like GET', async () => {
  const report = await runCases(environment, { catalogue: errorCatalogue, page, triggers: all_triggers })
  assert.deepEqual(report.findings, [])
  assert.equal(report.trials.length, errorCatalogue.length)
  const skipped = report.trials.filter((trial) => trial.skipped !== undefined).map(({ code }) => code)
  const need_second_connection = ['COMMIT_UNKNOWN', 'IDEMPOTENCY_IN_PROGRESS']
  const need_other_database = ['DATABASE_UNSUITABLE', 'TENANCY_FINDINGS']
  assert.deepEqual(
    skipped.sort(),
    [...(store.is_embedded ? need_second_connection : []), ...need_other_database].sort(),
  )
  assert.ok(report.heads >= 6)
})

test('what verify contract leaves to this test has a trigger here, and nothing else does', () => {
  const left = Object.keys(not_triggered).filter((code) =>
    not_triggered[code]?.includes('test/sweeps/contract.test.ts'),
  )
  const only_here = Object.keys(fault_triggers).filter((code) => triggers[code] === undefined)
  assert.deepEqual(only_here.sort(), left.sort())
})
