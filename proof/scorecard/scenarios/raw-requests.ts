// S15: bytes that no HTTP library would send, on real sockets: each is answered in the envelope, none hangs.

import { type Case, live, rawRequests } from '../../../test/raw-requests.ts'
import { errorIn, exchange } from '../../../test/raw-socket.ts'
import { atMost, exactly, fired, type Measure } from '../scenario.ts'
import { onTarget } from '../target.ts'

export const rawSockets: Measure = {
  id: 'S15',
  title: 'Malformed requests on raw sockets',
  seconds: { full: 8, quick: 8 },
  run: () =>
    onTarget(async ({ api, tokens, rows }) => {
      const cases = Object.entries(rawRequests(tokens.manager))
      const before = await rows('select count(*)::int as n from properties')
      const wrong: string[] = []
      let slowest = 0
      for (const [name, one] of cases) {
        const { trouble, ms } = await sent(api.port, one)
        slowest = Math.max(slowest, ms)
        if (trouble !== undefined) wrong.push(`${name}: ${trouble}`)
      }
      for (const line of wrong) process.stderr.write(`S15: ${line}\n`)
      const after = await rows('select count(*)::int as n from properties')
      const { replies } = await exchange(api.port, { parts: [live] })
      return [
        fired('requests', cases.length, 80),
        exactly('not answered as they must be', wrong.length, 0),
        atMost('slowest answer', slowest, 2000, ' ms'),
        exactly('properties made', Number(after[0]?.n) - Number(before[0]?.n), 0),
        exactly('/health/live afterwards', replies[0]?.status ?? 0, 200),
      ]
    }),
}

async function sent(port: number, { send, status, code }: Case): Promise<{ trouble?: string; ms: number }> {
  try {
    const { replies, rest, ms } = await exchange(port, { parts: [send] })
    const told = `${replies.map((reply) => reply.status)} ${errorIn(replies[0]).code} ${rest}`.trim()
    return told === `${status} ${code}` ? { ms } : { trouble: `${told}, not ${status} ${code}`, ms }
  } catch (error) {
    return { trouble: (error as Error).message, ms: 0 }
  }
}
