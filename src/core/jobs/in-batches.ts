// Deletes rows in batches, so that no transaction is long.

const batch_size = 1000

/** Calls `deleteBatch` with the size of a batch until it deletes fewer rows. Returns how many were deleted. */
export async function deleteInBatches(
  deleteBatch: (size: number) => Promise<number>,
  signal?: AbortSignal,
): Promise<number> {
  let total = 0
  let deleted = batch_size
  while (deleted === batch_size && !signal?.aborted) {
    deleted = await deleteBatch(batch_size)
    total += deleted
  }
  return total
}
