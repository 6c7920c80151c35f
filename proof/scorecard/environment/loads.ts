// The loads that run on the stage: a measure that throws leaves nobody behind who goes on asking.

const stops = new Set<() => void>()

/** `stop` is called when the stage ends. */
export function stopWithStage(stop: () => void): void {
  stops.add(stop)
}

export function stopLoads(): void {
  for (const stop of stops) stop()
  stops.clear()
}
