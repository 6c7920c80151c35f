// The plans of the statements that the tests just ran: none may read more because other agencies have more.
import { writeFileSync } from 'node:fs'
import { openBenches } from '../test/plans/databases.ts'
import { staleExceptions, sweepPlans } from '../test/plans/sweep.ts'
import { collectedStatements } from './collected.ts'

/** All of them as they were, to look things up in. */
const listing = '.test/plans.txt'

/** 0 when no plan reaches beyond its agency. Needs the server. */
export async function checkPlans(): Promise<number> {
  const statements = new Map(collectedStatements().map((one) => [one.text, one]))
  const benches = await openBenches()
  try {
    const sweep = await sweepPlans(benches, [...statements.values()])
    const problems = [...sweep.problems, ...staleExceptions(sweep)]
    writeFileSync(listing, `${[...sweep.plans].sort().join('\n\n')}\n`)
    for (const problem of problems) process.stderr.write(`plans: ${problem}\n`)
    return problems.length === 0 ? 0 : 1
  } finally {
    await benches.close()
  }
}
