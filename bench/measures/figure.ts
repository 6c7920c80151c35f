// One figure of a measure beside its target.

export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** Without one it is there to be known. */
  readonly target?: { readonly at_least: number } | { readonly at_most: number }
}

/** The middle one, of an even count the lower. */
export function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor((numbers.length - 1) / 2)] ?? Number.NaN
}
