// Who changed what, latest first, with the values before and after.

import type { MessageDescriptor } from '@lingui/core'
import { msg } from '@lingui/core/macro'
import { Trans, useLingui } from '@lingui/react/macro'
import { Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { Schema } from '../../../api/client.ts'
import { useDays } from '../../../locales/days.ts'
import { ErrorState } from '../../../ui/error-state.tsx'
import { useFieldChanges } from '../../../ui/fields.ts'
import { historyQuery } from '../queries.ts'
import classes from './drawer.module.css'

const actions: Readonly<Record<string, MessageDescriptor>> = {
  'booking.created': msg`created the booking`,
  'booking.updated': msg`changed the booking`,
  'booking.deleted': msg`deleted the booking`,
  'booking.split': msg`moved the rest of the stay`,
  'booking.refunded': msg`set the refund`,
  'booking.pending': msg`set it to unconfirmed`,
  'booking.confirmed': msg`confirmed the booking`,
  'booking.declined': msg`declined the booking`,
  'booking.cancelled': msg`cancelled the booking`,
  'booking.checked_in': msg`checked the guest in`,
  'booking.checked_out': msg`checked the guest out`,
  'booking.no_show': msg`noted that the guest did not come`,
}

export function HistoryTab({ id }: { readonly id: string }) {
  const { data, error, refetch } = useQuery(historyQuery(id))
  if (error !== null) return <ErrorState error={error} retry={() => void refetch()} />
  if (data === undefined) return <Skeleton height={120} />
  return (
    <div>
      {data.items.toReversed().map((entry) => (
        <Entry key={entry.id} entry={entry} />
      ))}
    </div>
  )
}

function Entry({ entry }: { readonly entry: Schema['HistoryEntry'] }) {
  const { i18n, t } = useLingui()
  const days = useDays()
  const changesOf = useFieldChanges()
  const { action, actor_kind, actor_name, before, after, created_at } = entry
  const known = actions[action]
  const who =
    actor_name ?? (actor_kind === 'person' ? t`Somebody` : actor_kind === 'operator' ? t`The operator` : 'Roost')
  return (
    <div className={classes.entry}>
      <div>
        {who} {known === undefined ? action : i18n._(known)}
      </div>
      {action !== 'booking.created' &&
        changesOf(before as never, after as never).map((change) => (
          <div key={change.field} className={classes.change}>
            {change.name}: {change.before ?? <Trans>nothing</Trans>} → {change.after ?? <Trans>nothing</Trans>}
          </div>
        ))}
      <div className={classes.change}>{days.instant(created_at)}</div>
    </div>
  )
}
