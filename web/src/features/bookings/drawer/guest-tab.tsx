// The guest of a booking: how to reach them, and whether they are known under another record.

import { Trans, useLingui } from '@lingui/react/macro'
import { Alert, Anchor, Button, Stack } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { api, bodyOf, ifMatch, type Schema } from '../../../api/client.ts'
import { useCan } from '../../../api/me.ts'
import { offerUndo } from '../../../shell/undo.ts'
import { ChangeError } from '../../../ui/change-error.tsx'
import { useCountryName } from '../../../ui/countries.tsx'
import { type Booking, duplicatesQuery } from '../queries.ts'
import classes from './drawer.module.css'

export function GuestTab({ booking: { guest } }: { readonly booking: Booking }) {
  const can = useCan()
  const nameOf = useCountryName()
  if (guest === null || guest === undefined) return null
  const { id, email, phone, country } = guest
  return (
    <Stack gap="sm">
      <dl className={classes.lines}>
        {typeof email === 'string' && (
          <div className={classes.line}>
            <dt className="dim">
              <Trans>E-mail</Trans>
            </dt>
            <dd style={{ margin: 0 }}>
              <Anchor href={`mailto:${encodeURIComponent(email)}`}>{email}</Anchor>
            </dd>
          </div>
        )}
        {typeof phone === 'string' && (
          <div className={classes.line}>
            <dt className="dim">
              <Trans>Phone</Trans>
            </dt>
            <dd style={{ margin: 0 }}>
              <Anchor href={`tel:${phone.replaceAll(/[^+\d]/g, '')}`}>{phone}</Anchor>
            </dd>
          </div>
        )}
        {typeof country === 'string' && (
          <div className={classes.line}>
            <dt className="dim">
              <Trans>Country</Trans>
            </dt>
            <dd style={{ margin: 0 }}>{nameOf(country)}</dd>
          </div>
        )}
      </dl>
      {id !== undefined && can('guests:read') && (
        <Button component={Link} to={`/guests/${id}`} variant="default" style={{ alignSelf: 'start' }}>
          <Trans>All stays and data of this guest</Trans>
        </Button>
      )}
      {id !== undefined && can('guests:write') && <Duplicates id={id} />}
    </Stack>
  )
}

function Duplicates({ id }: { readonly id: string }) {
  const { data } = useQuery(duplicatesQuery(id))
  const found = data?.items ?? []
  if (found.length === 0) return null
  return (
    <Alert color="orange" title={<Trans>Probably the same person</Trans>}>
      <Stack gap="xs">
        {found.map((other) => (
          <Duplicate key={other.id} id={id} other={other} />
        ))}
      </Stack>
    </Alert>
  )
}

function Duplicate({ id, other }: { readonly id: string; readonly other: Schema['GuestRow'] }) {
  const { t } = useLingui()
  const client = useQueryClient()
  const name = `${other.first_name} ${other.last_name}`
  const merge = useMutation({
    mutationFn: () => api.POST('/api/v1/guests/{id}/merge', { params: { path: { id } }, body: { guest_id: other.id } }),
    onSuccess: () => {
      offerUndo({
        text: t`Merged with ${name}.`,
        undo: async () => {
          const now = await bodyOf(api.GET('/api/v1/guests/{id}', { params: { path: { id: other.id } } })).catch(
            () => other,
          )
          await api.POST('/api/v1/guests/{id}/unmerge', {
            params: { path: { id: other.id }, header: ifMatch(now.version) },
          })
        },
      })
      return client.invalidateQueries({ queryKey: ['guests'] })
    },
  })
  return (
    <div>
      <div>
        {name}
        <span className="dim"> {[other.email, other.phone].filter(Boolean).join(' · ')}</span>
      </div>
      <Button size="xs" variant="default" mt={4} loading={merge.isPending} onClick={() => merge.mutate()}>
        <Trans>Merge into this guest</Trans>
      </Button>
      <ChangeError error={merge.error} />
    </div>
  )
}
