// Names of what is in the calendar, in the language of the screen.
import type { MessageDescriptor } from '@lingui/core'
import { msg, plural } from '@lingui/core/macro'
import { useLingui } from '@lingui/react/macro'
import type { Schema } from '../../api/client.ts'
import type { Bar } from './bars.ts'

const reasons: Readonly<Record<Schema['BlockReason'], MessageDescriptor>> = {
  maintenance: msg`Maintenance`,
  owner_use: msg`Owner`,
  other: msg`Blocked`,
}

/** What stands on a bar. */
export function useBarTitle(): (bar: Bar, now: number) => string {
  const { i18n, t } = useLingui()
  return (bar, now) => {
    if (bar.kind === 'block') return i18n._(reasons[bar.reason ?? 'other'])
    if (bar.kind === 'channel') return t`Taken by a channel`
    if (bar.kind === 'hold') return bar.expires_at === undefined ? t`Hold` : t`Hold ${countdown(bar.expires_at - now)}`
    return bar.guest_name ?? bar.reference ?? t`Taken`
  }
}

/** A group of homes, for screen readers. */
export function useGroupName(): (group: { name: string; num_homes: number; is_closed: boolean }) => string {
  const { t } = useLingui()
  return ({ name, num_homes, is_closed }) => {
    const title = name === '' ? t`Without a city` : name
    const count = t`${plural(num_homes, { one: '# home', other: '# homes' })}`
    return is_closed ? t`${title}, ${count}, closed` : t`${title}, ${count}`
  }
}

/** 11:42 */
function countdown(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}
