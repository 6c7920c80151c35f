// The name of a booking's guest, as far as the role may see it.

interface WithGuest {
  readonly guest?: { readonly first_name?: string; readonly last_name: string } | null
}

/** Undefined for a booking without a guest. */
export const guestName = ({ guest }: WithGuest): string | undefined =>
  guest === undefined || guest === null ? undefined : [guest.first_name, guest.last_name].filter(Boolean).join(' ')
