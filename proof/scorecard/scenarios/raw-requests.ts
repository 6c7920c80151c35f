// S15: malformed requests on raw sockets are answered with the error envelope and never hang.

import { type Case, live, rawRequests } from '../../../test/raw-requests.ts'
import { errorIn, exchange } from '../../../test/raw-socket.ts'
import { atMost, exactly, injected, type Scenario } from '../scenario.ts'
import { withTarget } from '../target.ts'

export const rawSockets: Scenario = {
  id: 'S15',
  title: 'Malformed requests on raw sockets',
  seconds: { full: 8, quick: 8 },
  run: () =>
    withTarget(async ({ api, tokens, rows }) => {
      const cases = Object.entries(rawRequests(tokens.manager))
      const before = await rows('select count(*)::int as n from properties')
      const wrong: string[] = []
      let slowest = 0
      for (const [name, one] of cases) {
        const { problem, ms } = await tryCase(api.port, one)
        slowest = Math.max(slowest, ms)
        if (problem !== undefined) wrong.push(`${name}: ${problem}`)
      }
      for (const line of wrong) process.stderr.write(`S15: ${line}\n`)
      const after = await rows('select count(*)::int as n from properties')
      const { replies } = await exchange(api.port, { parts: [live] })
      return [
        injected('requests', cases.length, 80),
        exactly('wrong answers', wrong.length, 0),
        atMost('slowest answer', slowest, 2000, ' ms'),
        exactly('properties created', Number(after[0]?.n) - Number(before[0]?.n), 0),
        exactly('status of /health/live afterwards', replies[0]?.status ?? 0, 200),
      ]
    }),
}

async function tryCase(port: number, { send, status, code }: Case): Promise<{ problem?: string; ms: number }> {
  try {
    const { replies, rest, ms } = await exchange(port, { parts: [send] })
    const answer = `${replies.map((reply) => reply.status)} ${errorIn(replies[0]).code} ${rest}`.trim()
    return answer === `${status} ${code}` ? { ms } : { problem: `${answer}, expected ${status} ${code}`, ms }
  } catch (error) {
    return { problem: (error as Error).message, ms: 0 }
  }
}
