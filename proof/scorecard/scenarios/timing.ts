// T13: whether the time of an answer tells an id of another agency from one that nothing has.
import { randomUUID } from 'node:crypto'
import { percentile } from '../../../src/commands/verify/overlap/counting.ts'
import { ofSouth } from '../../../test/two-agencies.ts'
import { atMost, type Check } from '../scenario.ts'
import type { Target } from '../target.ts'

const of_each = 10_000

/** Interleaved at random, one after the other; the slowest twentieth of each is the machine's, not ours. */
export async function timing(target: Target): Promise<Check[]> {
  const sender = target.as('admin')
  const foreign: number[] = []
  const absent: number[] = []
  while (foreign.length < of_each || absent.length < of_each) {
    const is_foreign = Math.random() < 0.5
    const { began, ended } = await sender.send('GET', `bookings/${is_foreign ? ofSouth.booking_id : randomUUID()}`)
    const times = is_foreign ? foreign : absent
    times.push(ended - began)
  }
  const gap = Math.abs(percentile(foreign, 0.5) - percentile(absent, 0.5))
  return [
    atMost("Welch's t of the times of foreign and absent ids", Math.abs(welch(cropped(foreign), cropped(absent))), 4.5),
    atMost('gap of their medians', gap, 0.2, ' ms'),
  ]
}

function cropped(times: readonly number[]): number[] {
  const limit = percentile(times, 0.95)
  return times.filter((time) => time <= limit)
}

function welch(one: readonly number[], other: readonly number[]): number {
  const [a, b] = [momentsOf(one), momentsOf(other)]
  return (a.mean - b.mean) / Math.sqrt(a.variance / one.length + b.variance / other.length)
}

function momentsOf(numbers: readonly number[]): { mean: number; variance: number } {
  const mean = numbers.reduce((sum, n) => sum + n, 0) / numbers.length
  const squares = numbers.reduce((sum, n) => sum + (n - mean) ** 2, 0)
  return { mean, variance: squares / (numbers.length - 1) }
}
