// Blocks the event loop of this process, as CPU-bound work does.

/** While `work` runs, each iteration of the event loop takes at least `turn_ms`. */
export async function blockEventLoop<T>(turn_ms: number, work: () => Promise<T>): Promise<T> {
  let is_over = false
  const block = () => {
    if (is_over) return
    const until = performance.now() + turn_ms
    while (performance.now() < until);
    setImmediate(block)
  }
  block()
  try {
    return await work()
  } finally {
    is_over = true
  }
}
