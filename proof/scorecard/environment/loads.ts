// Stops running loads when the environment ends, also when the scenario throws.

const stops = new Set<() => void>()

/** Registers `stop`, which runs when the environment ends. */
export function stopWithEnvironment(stop: () => void): void {
  stops.add(stop)
}

export function stopLoads(): void {
  for (const stop of stops) stop()
  stops.clear()
}
