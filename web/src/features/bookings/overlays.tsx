// What is open over a page: booking, block, hold, or a form for a new one (shell/overlays.ts).

export function Overlays() {
  return null
}
