// The command palette (Ctrl K).

export function Palette() {
  return null
}
