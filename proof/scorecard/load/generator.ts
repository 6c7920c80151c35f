// The child process of runLoad: sends the planned requests over raw sockets and times the answers.
import { connect, type Socket } from 'node:net'
import { percentile } from '../../../src/commands/verify/overlap/statistics.ts'
import type { Outcome, Plan, Times } from './plan.ts'

process.once('message', (plan: Plan) => {
  void run(plan).then((outcome) => process.send?.(outcome))
})

interface Connection {
  readonly socket: Socket
  /** When the pending request was due; undefined: idle. */
  due: number | undefined
  received: Buffer
}

const empty = Buffer.alloc(0)

async function run(plan: Plan): Promise<Outcome> {
  const { port, requests, connections, rate, seconds, count = Number.POSITIVE_INFINITY } = plan
  const limit = plan.once ? Math.min(count, requests.length) : count
  const statuses: Record<string, number> = {}
  const good: number[] = []
  const others: number[] = []
  const idle: Connection[] = []
  const began = performance.now()
  const deadline = began + seconds * 1000
  const end = Promise.withResolvers<void>()
  let sent = 0
  let in_flight = 0
  let open = 0
  let last = began

  const timesFor = (status: number) => (status >= 200 && status < 300 ? good : others)
  const isOver = () => sent >= limit || performance.now() >= deadline

  function openConnection(): Connection {
    const connection: Connection = { socket: connect(port, '127.0.0.1'), due: undefined, received: empty }
    connection.socket.setNoDelay(true)
    connection.socket.on('data', (chunk) => receive(connection, chunk))
    connection.socket.on('error', () => {})
    connection.socket.on('close', () => {
      open -= 1
      if (connection.due !== undefined) finish(connection, 0)
      else idle.splice(idle.indexOf(connection), 1)
    })
    open += 1
    return connection
  }

  function send(connection: Connection, due: number): void {
    connection.due = due
    in_flight += 1
    connection.socket.write(requests[sent % requests.length] ?? '')
    sent += 1
  }

  /** Extracts a complete answer. Every answer has a Content-Length or no body. */
  function receive(connection: Connection, chunk: Buffer): void {
    connection.received = connection.received.length === 0 ? chunk : Buffer.concat([connection.received, chunk])
    const head_end = connection.received.indexOf('\r\n\r\n')
    if (head_end === -1) return
    const head = connection.received.toString('latin1', 0, head_end)
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0)
    if (connection.received.length < head_end + 4 + length) return
    connection.received = connection.received.subarray(head_end + 4 + length)
    finish(connection, Number(head.slice(9, 12)))
  }

  function finish(connection: Connection, status: number): void {
    last = performance.now()
    const ms = last - (connection.due ?? last)
    statuses[status] = (statuses[status] ?? 0) + 1
    timesFor(status).push(ms)
    connection.due = undefined
    in_flight -= 1
    if (rate === undefined && !isOver()) send(status === 0 ? openConnection() : connection, performance.now())
    else if (status !== 0) idle.push(connection)
    if (isOver() && in_flight === 0) end.resolve()
  }

  if (rate === undefined) for (let n = 0; n < connections; n += 1) send(openConnection(), performance.now())
  else openLoop(rate)

  /** Sends every due request, even if late. Without a free connection it counts as unsent. */
  function openLoop(per_second: number): void {
    let planned = 0
    const dueBy = (time: number) => Math.min(limit, ((Math.min(time, deadline) - began) / 1000) * per_second)
    const timer = setInterval(() => {
      for (const due = dueBy(performance.now()); planned < due; planned += 1) {
        sendOrSkip(began + (planned / per_second) * 1000)
      }
      if (performance.now() < deadline && planned < limit) return
      clearInterval(timer)
      if (in_flight === 0) end.resolve()
    }, 1)
  }

  function sendOrSkip(due: number): void {
    const connection = idle.pop() ?? (open < connections ? openConnection() : undefined)
    if (connection === undefined) statuses.unsent = (statuses.unsent ?? 0) + 1
    else send(connection, due)
  }

  await end.promise
  return { seconds: (last - began) / 1000, statuses, good: durationsOf(good), others: durationsOf(others) }
}

function durationsOf(times: readonly number[]): Times {
  const [p50, p99, max] = [0.5, 0.99, 1].map((share) => percentile(times, share)) as [number, number, number]
  return { count: times.length, p50, p99, max }
}
