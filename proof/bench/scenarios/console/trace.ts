// Reads a trace of Chromium: the tasks of the page's main thread, and how much of them belongs to each frame.
import { percentile } from '../../../../src/commands/verify/overlap/statistics.ts'

/** The Trace Event Format, as far as it is used here. Times are in microseconds. */
interface TraceEvent {
  readonly name: string
  readonly pid: number
  readonly tid: number
  readonly ts: number
  readonly dur?: number
  readonly args?: { readonly name?: string }
}

interface Found {
  readonly longest_task_ms: number
  /** The median over the frames. */
  readonly frame_ms: number
  readonly num_frames: number
}

export function readTrace(trace: Buffer): Found {
  const { traceEvents: events } = JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] }
  const thread = busiestMain(events)
  const own = events.filter(({ pid, tid }) => pid === thread?.pid && tid === thread?.tid).sort((a, b) => a.ts - b.ts)
  const tasks = own.filter(({ name, dur }) => name === 'RunTask' && dur !== undefined)
  // The scenario asks for one callback in each frame.
  const frames = own.filter(({ name }) => name === 'FireAnimationFrame').map(({ ts }) => ts)
  const per_frame = frames.map((ts, n) => {
    const end = frames[n + 1] ?? Number.POSITIVE_INFINITY
    return tasks.reduce((sum, task) => (task.ts >= ts && task.ts < end ? sum + (task.dur ?? 0) : sum), 0) / 1000
  })
  const durations = tasks.map(({ dur = 0 }) => dur / 1000)
  return { longest_task_ms: Math.max(...durations), frame_ms: percentile(per_frame, 0.5), num_frames: frames.length }
}

/** The main thread of the renderer that has worked most: other renderers are idle. */
function busiestMain(events: readonly TraceEvent[]): TraceEvent | undefined {
  const mains = events.filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
  const work = (main: TraceEvent) =>
    events.reduce((sum, { pid, tid, name, dur = 0 }) => {
      return name === 'RunTask' && pid === main.pid && tid === main.tid ? sum + dur : sum
    }, 0)
  return mains.toSorted((a, b) => work(b) - work(a))[0]
}
