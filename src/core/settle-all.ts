// Statements that leave for the database in one go, because none of them needs the answer of another.

type Answers<T extends readonly Promise<unknown>[]> = { -readonly [K in keyof T]: Awaited<T[K]> }

/**
 * Waits for all of them, so that nothing is under way any more when the transaction is rolled back, and then throws the
 * first failure in their order: those behind it fail only because it did.
 */
export async function settleAll<T extends readonly Promise<unknown>[]>(...work: T): Promise<Answers<T>> {
  const settled = await Promise.allSettled(work)
  const failed = settled.find((one) => one.status === 'rejected')
  if (failed !== undefined) throw failed.reason
  return settled.map((one) => (one.status === 'fulfilled' ? one.value : undefined)) as Answers<T>
}
