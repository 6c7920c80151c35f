// The optional features of the agency. The operator of the service switches them.

import type { MessageDescriptor } from '@lingui/core'
import { msg } from '@lingui/core/macro'
import { Trans, useLingui } from '@lingui/react/macro'
import { Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { api, bodyOf, type Schema } from '../../api/client.ts'
import { ErrorState } from '../../ui/error-state.tsx'
import classes from '../team/team.module.css'

type Feature = Schema['Feature']

const texts: Readonly<
  Record<Feature['name'], { readonly name: MessageDescriptor; readonly about: MessageDescriptor }>
> = {
  channel_sync: { name: msg`Channels`, about: msg`Calendars and bookings of Airbnb, Booking.com and others` },
  direct_booking: { name: msg`Direct booking`, about: msg`Guests book on the website of the agency` },
  owner_portal: { name: msg`Owner portal`, about: msg`Statements and documents for owners` },
}

export function OptionalFeatures() {
  const { data, error, refetch } = useQuery({
    queryKey: ['features'],
    queryFn: ({ signal }) => bodyOf(api.GET('/api/v1/features', { signal })),
  })
  return (
    <section>
      <h2>
        <Trans>Optional features</Trans>
      </h2>
      {data === undefined && error !== null && <ErrorState error={error} retry={() => void refetch()} />}
      {data === undefined && error === null && <Skeleton height={120} />}
      {data?.items.map((feature) => (
        <Line key={feature.name} feature={feature} />
      ))}
      <p className="dim">
        <Trans>Whoever runs this service switches them on and off.</Trans>
      </p>
    </section>
  )
}

function Line({ feature: { name, description, is_enabled, is_in_deployment } }: { readonly feature: Feature }) {
  const { i18n } = useLingui()
  // A newer service can have features that this page does not know.
  const known = Object.hasOwn(texts, name) ? texts[name] : undefined
  return (
    <div className={classes.session}>
      <div>
        {known === undefined ? name : i18n._(known.name)}
        <div className="dim">{known === undefined ? description : i18n._(known.about)}</div>
      </div>
      <span className="dim">
        <State is_enabled={is_enabled} is_in_deployment={is_in_deployment} />
      </span>
    </div>
  )
}

function State({ is_enabled, is_in_deployment }: Pick<Feature, 'is_enabled' | 'is_in_deployment'>) {
  if (!is_in_deployment) return <Trans>not in this installation</Trans>
  return is_enabled ? <Trans>on</Trans> : <Trans>off</Trans>
}
