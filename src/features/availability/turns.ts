// At most two requests of this process work on one property at a time. The others wait here, without a connection, so
// that a rush for one home does not stop the rest (measured: reliability note 0.2 in docs/adr/0005).

const at_once = 2
const waiting = new Map<string, { running: number; readonly queue: (() => void)[] }>()

/** Runs `work` when it is this caller's turn on the property (or the one booking) of this agency. */
export async function inTurn<T>(agency_id: string, id: string, work: () => Promise<T>): Promise<T> {
  const key = `${agency_id}/${id.toLowerCase()}`
  const line = waiting.get(key) ?? { running: 0, queue: [] }
  waiting.set(key, line)
  if (line.running < at_once) line.running += 1
  else await new Promise<void>((resolve) => line.queue.push(resolve))
  try {
    return await work()
  } finally {
    const next = line.queue.shift()
    if (next !== undefined) next()
    else {
      line.running -= 1
      if (line.running === 0) waiting.delete(key)
    }
  }
}
