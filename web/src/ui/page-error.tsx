// When a page fails as a whole, for example because its code could not be loaded.
import { ErrorState } from './error-state.tsx'

export function PageError({ error, reset }: { readonly error: unknown; readonly reset: () => void }) {
  return <ErrorState error={error} retry={reset} />
}
