// Checks the query plans of the collected statements: the cost must not depend on other agencies.
import { writeFileSync } from 'node:fs'
import { openDatabases } from '../test/plans/databases.ts'
import { staleExceptions, sweepPlans } from '../test/plans/sweep.ts'
import { readCollectedStatements } from './collected-statements.ts'

/** All plans, for reference. */
const plans_file = '.test/plans.txt'

/** Returns 0 when every plan reads rows of one agency only. Needs a server. */
export async function checkPlans(): Promise<number> {
  const statements = new Map(readCollectedStatements().map((one) => [one.text, one]))
  const databases = await openDatabases()
  try {
    const sweep = await sweepPlans(databases, [...statements.values()])
    const problems = [...sweep.problems, ...staleExceptions(sweep)]
    writeFileSync(plans_file, `${[...sweep.plans].sort().join('\n\n')}\n`)
    for (const problem of problems) process.stderr.write(`plans: ${problem}\n`)
    return problems.length === 0 ? 0 : 1
  } finally {
    await databases.close()
  }
}
