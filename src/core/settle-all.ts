// Waits for several promises; used for statements that run in one pipeline.

type Results<T extends readonly Promise<unknown>[]> = { -readonly [K in keyof T]: Awaited<T[K]> }

/**
 * Waits until all promises are settled, so that no statement is running when the transaction is rolled back. Then throws the
 * first failure in the order of the arguments, because later statements fail as a consequence of it.
 */
export async function settleAll<T extends readonly Promise<unknown>[]>(...work: T): Promise<Results<T>> {
  const settled = await Promise.allSettled(work)
  const failed = settled.find((result) => result.status === 'rejected')
  if (failed !== undefined) throw failed.reason
  return settled.map((result) => (result.status === 'fulfilled' ? result.value : undefined)) as Results<T>
}
