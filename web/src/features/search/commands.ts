// What the palette offers: pages and actions that the role has, and what the API found.
import { useLingui } from '@lingui/react/macro'
import { useMantineColorScheme } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import type { Schema } from '../../api/client.ts'
import { useCan } from '../../api/me.ts'
import { useDays } from '../../locales/days.ts'
import { activateLanguage } from '../../locales/i18n.ts'
import { useOverlays } from '../../shell/overlays.ts'
import { usePages } from '../../shell/pages.ts'
import { guestName } from '../bookings/drawer/guest-name.ts'

export interface Command {
  readonly key: string
  readonly group: string
  readonly label: string
  readonly detail?: string
  readonly run: () => void
}

/** Lower case without accents: `Übersicht` is found by `uber`. */
const fold = (text: string) => text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase()

/** The pages and actions whose name contains the text. */
export function useCommands(text: string): Command[] {
  const { i18n, t } = useLingui()
  const can = useCan()
  const pages = usePages()
  const navigate = useNavigate()
  const { newBooking, newBlock } = useOverlays()
  const { setColorScheme } = useMantineColorScheme()
  const other = i18n.locale === 'de' ? 'en' : 'de'
  const actions: (Command | false)[] = [
    can('bookings:create') && {
      key: 'new-booking',
      group: t`Actions`,
      label: t`New booking`,
      detail: 'N',
      run: () => newBooking(),
    },
    can('blocks:write') && {
      key: 'new-block',
      group: t`Actions`,
      label: t`Block nights`,
      detail: 'B',
      run: () => newBlock(),
    },
    { key: 'light', group: t`Actions`, label: t`Light colours`, run: () => setColorScheme('light') },
    { key: 'dark', group: t`Actions`, label: t`Dark colours`, run: () => setColorScheme('dark') },
    {
      key: 'language',
      group: t`Actions`,
      label: other === 'de' ? 'Deutsch' : 'English',
      run: () => void activateLanguage(other),
    },
    {
      key: 'account',
      group: t`Actions`,
      label: t`My account`,
      run: () => void navigate({ to: '/settings/account' }),
    },
  ]
  const all: Command[] = [
    ...pages.map(({ to, label }) => ({
      key: to,
      group: t`Pages`,
      label: i18n._(label),
      run: () => void navigate({ to }),
    })),
    ...actions.filter((action) => action !== false),
  ]
  const wanted = fold(text.trim())
  return all.filter(({ label }) => fold(label).includes(wanted))
}

/** What the API found, as commands that open it. */
export function useFoundCommands(found: Schema['Found'] | undefined): Command[] {
  const { t } = useLingui()
  const days = useDays()
  const navigate = useNavigate()
  const { openBooking } = useOverlays()
  const bookings = found?.bookings?.map((booking) => ({
    key: booking.id,
    group: t`Bookings`,
    label: [guestName(booking), booking.reference].filter(Boolean).join(' · '),
    detail: `${booking.property_name}, ${days.stay(booking.check_in, booking.check_out)}`,
    run: () => openBooking(booking.id),
  }))
  const guests = found?.guests?.map(({ id, first_name, last_name, email, phone }) => ({
    key: id,
    group: t`Guests`,
    label: `${first_name} ${last_name}`,
    ...((email ?? phone) !== null && { detail: email ?? phone ?? '' }),
    run: () => void navigate({ to: '/guests/$id', params: { id } }),
  }))
  const homes = found?.properties?.map(({ id, name, city }) => ({
    key: id,
    group: t`Homes`,
    label: name,
    ...(typeof city === 'string' && { detail: city }),
    run: () => void navigate({ to: '/properties/$id', params: { id } }),
  }))
  return [...(bookings ?? []), ...(guests ?? []), ...(homes ?? [])]
}
