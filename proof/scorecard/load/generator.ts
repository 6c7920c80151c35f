// The process behind runLoad: sends what the plan says over plain sockets and times the answers. Nothing else runs in it.
import { connect, type Socket } from 'node:net'
import { percentile } from '../../../src/commands/verify/overlap/counting.ts'
import type { Outcome, Plan, Times } from './plan.ts'

process.once('message', (plan: Plan) => {
  void run(plan).then((outcome) => process.send?.(outcome))
})

interface Line {
  readonly socket: Socket
  /** When the request that is under way was due; undefined: idle. */
  due: number | undefined
  received: Buffer
}

const nothing = Buffer.alloc(0)

async function run(plan: Plan): Promise<Outcome> {
  const { port, requests, connections, rate, seconds, count = Number.POSITIVE_INFINITY } = plan
  const limit = plan.once ? Math.min(count, requests.length) : count
  const statuses: Record<string, number> = {}
  const good: number[] = []
  const others: number[] = []
  const idle: Line[] = []
  const began = performance.now()
  const deadline = began + seconds * 1000
  const end = Promise.withResolvers<void>()
  let sent = 0
  let under_way = 0
  let open = 0
  let last = began

  const timesFor = (status: number) => (status >= 200 && status < 300 ? good : others)
  const isOver = () => sent >= limit || performance.now() >= deadline

  function openLine(): Line {
    const line: Line = { socket: connect(port, '127.0.0.1'), due: undefined, received: nothing }
    line.socket.setNoDelay(true)
    line.socket.on('data', (chunk) => take(line, chunk))
    line.socket.on('error', () => {})
    line.socket.on('close', () => {
      open -= 1
      if (line.due !== undefined) finish(line, 0)
      else idle.splice(idle.indexOf(line), 1)
    })
    open += 1
    return line
  }

  function send(line: Line, due: number): void {
    line.due = due
    under_way += 1
    line.socket.write(requests[sent % requests.length] ?? '')
    sent += 1
  }

  /** Takes whole answers out of what has come; every one has a content-length, or no body. */
  function take(line: Line, chunk: Buffer): void {
    line.received = line.received.length === 0 ? chunk : Buffer.concat([line.received, chunk])
    const head_end = line.received.indexOf('\r\n\r\n')
    if (head_end === -1) return
    const head = line.received.toString('latin1', 0, head_end)
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0)
    if (line.received.length < head_end + 4 + length) return
    line.received = line.received.subarray(head_end + 4 + length)
    finish(line, Number(head.slice(9, 12)))
  }

  function finish(line: Line, status: number): void {
    last = performance.now()
    const ms = last - (line.due ?? last)
    statuses[status] = (statuses[status] ?? 0) + 1
    timesFor(status).push(ms)
    line.due = undefined
    under_way -= 1
    if (rate === undefined && !isOver()) send(status === 0 ? openLine() : line, performance.now())
    else if (status !== 0) idle.push(line)
    if (isOver() && under_way === 0) end.resolve()
  }

  if (rate === undefined) for (let n = 0; n < connections; n += 1) send(openLine(), performance.now())
  else openLoop(rate)

  /** What is due is sent, late or not; without a free connection it is counted as unsent. */
  function openLoop(per_second: number): void {
    let planned = 0
    const dueBy = (time: number) => Math.min(limit, ((Math.min(time, deadline) - began) / 1000) * per_second)
    const timer = setInterval(() => {
      for (const due = dueBy(performance.now()); planned < due; planned += 1) {
        sendSomehow(began + (planned / per_second) * 1000)
      }
      if (performance.now() < deadline && planned < limit) return
      clearInterval(timer)
      if (under_way === 0) end.resolve()
    }, 1)
  }

  function sendSomehow(due: number): void {
    const line = idle.pop() ?? (open < connections ? openLine() : undefined)
    if (line === undefined) statuses.unsent = (statuses.unsent ?? 0) + 1
    else send(line, due)
  }

  await end.promise
  return { seconds: (last - began) / 1000, statuses, good: timesOf(good), others: timesOf(others) }
}

function timesOf(times: readonly number[]): Times {
  const [p50, p99, max] = [0.5, 0.99, 1].map((share) => percentile(times, share)) as [number, number, number]
  return { count: times.length, p50, p99, max }
}
