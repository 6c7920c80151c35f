// T13: response times do not reveal whether an id exists in another agency.
import { randomUUID } from 'node:crypto'
import { percentile } from '../../../src/commands/verify/overlap/statistics.ts'
import { ofSouth } from '../../../test/two-agencies.ts'
import { atMost, type Check } from '../scenario.ts'
import type { Target } from '../target.ts'

const num_samples = 10_000

/** Sends both kinds in random order. Ignores the slowest 5 % of each, which depend on the machine. */
export async function timing(target: Target): Promise<Check[]> {
  const sender = target.as('admin')
  const foreign: number[] = []
  const absent: number[] = []
  while (foreign.length < num_samples || absent.length < num_samples) {
    const is_foreign = Math.random() < 0.5
    const { began, ended } = await sender.send('GET', `bookings/${is_foreign ? ofSouth.booking_id : randomUUID()}`)
    const times = is_foreign ? foreign : absent
    times.push(ended - began)
  }
  const difference = Math.abs(percentile(foreign, 0.5) - percentile(absent, 0.5))
  return [
    atMost(
      "Welch's t for foreign and absent ids",
      Math.abs(welch(withoutSlowest(foreign), withoutSlowest(absent))),
      4.5,
    ),
    atMost('difference of the medians', difference, 0.2, ' ms'),
  ]
}

function withoutSlowest(times: readonly number[]): number[] {
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
