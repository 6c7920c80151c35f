// Linear regression over equally spaced values.

/** The slope of the least-squares line, per step. */
export function slope(numbers: readonly number[]): number {
  const middle = (numbers.length - 1) / 2
  const mean = numbers.reduce((sum, n) => sum + n, 0) / numbers.length
  const up = numbers.reduce((sum, n, i) => sum + (i - middle) * (n - mean), 0)
  return up / numbers.reduce((sum, _, i) => sum + (i - middle) ** 2, 0)
}
