// The optional features of the agency. The operator of the service switches them.

import { Trans } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { api, bodyOf } from '../../api/client.ts'
import classes from '../team/team.module.css'

export function OptionalFeatures() {
  const { data } = useQuery({
    queryKey: ['features'],
    queryFn: ({ signal }) => bodyOf(api.GET('/api/v1/features', { signal })),
  })
  if (data === undefined || data.items.length === 0) return null
  return (
    <section>
      <h2>
        <Trans>Optional features</Trans>
      </h2>
      {data.items.map(({ name, is_enabled }) => (
        <div key={name} className={classes.session}>
          <span>{name}</span>
          <span className="dim">{is_enabled ? <Trans>on</Trans> : <Trans>off</Trans>}</span>
        </div>
      ))}
      <p className="dim">
        <Trans>Whoever runs this service switches them on and off.</Trans>
      </p>
    </section>
  )
}
