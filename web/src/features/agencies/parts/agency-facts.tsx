// The settings of the agency for those who may not change them.
import { Trans } from '@lingui/react/macro'
import type { Schema } from '../../../api/client.ts'
import classes from '../../team/team.module.css'

export function AgencyFacts({ agency }: { readonly agency: Schema['AgencySettings'] }) {
  return (
    <section>
      <h2>
        <Trans>Agency</Trans>
      </h2>
      <dl className={classes.facts}>
        <dt>
          <Trans>Name</Trans>
        </dt>
        <dd>{agency.name}</dd>
        <dt>
          <Trans>Time zone</Trans>
        </dt>
        <dd>{agency.time_zone}</dd>
        <dt>
          <Trans>Currency</Trans>
        </dt>
        <dd>{agency.currency}</dd>
        <dt>
          <Trans>Minutes of a hold</Trans>
        </dt>
        <dd>{agency.hold_minutes}</dd>
        <dt>
          <Trans>Holds per person</Trans>
        </dt>
        <dd>{agency.holds_per_user}</dd>
      </dl>
      <p className="dim">
        <Trans>An admin of the agency can change this.</Trans>
      </p>
    </section>
  )
}
