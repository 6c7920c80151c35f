// One guest: how to reach them, their stays, and what the law asks for: their data as a file, and anonymisation.

import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { Button, Group, Stack, TextInput } from '@mantine/core'
import { useMutation, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import type { FormEvent } from 'react'
import { api, bodyOf, ifMatch, type Schema } from '../../api/client.ts'
import { fieldProblem } from '../../api/errors.ts'
import { useCan } from '../../api/me.ts'
import { useDays } from '../../locales/days.ts'
import { useMoney } from '../../locales/money.ts'
import { useOverlays } from '../../shell/overlays.ts'
import { offerUndo } from '../../shell/undo.ts'
import { ChangeError } from '../../ui/change-error.tsx'
import { ChangedMeanwhile } from '../../ui/changed-meanwhile.tsx'
import { CountrySelect, useCountryName } from '../../ui/countries.tsx'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { PageHeader } from '../../ui/page-header.tsx'
import { StatusMark } from '../../ui/status-mark.tsx'
import { useDraft } from '../../ui/use-draft.ts'
import { useListPages } from '../../ui/use-pages.ts'
import classes from './guest.module.css'
import { Anonymise } from './parts/anonymise.tsx'
import { ExportGuest } from './parts/export-guest.tsx'
import { guestQuery } from './queries.ts'

type Guest = Schema['Guest']
type Stay = Schema['GuestStayPage']['items'][number]

export function GuestPage() {
  const { id } = useParams({ from: '/shell/guests/$id' })
  const can = useCan()
  const { data: guest } = useSuspenseQuery(guestQuery(id))
  const is_anonymous = guest.anonymised_at !== null
  return (
    <>
      <PageHeader
        title={is_anonymous ? <Trans>Anonymised guest</Trans> : `${guest.first_name} ${guest.last_name}`}
        actions={
          <Group gap="xs">
            {!is_anonymous && <ExportGuest guest={guest} />}
            {!is_anonymous && can('guests:erase') && <Anonymise guest={guest} />}
          </Group>
        }
      >
        <Link to="/guests" className="dim">
          <Trans>All guests</Trans>
        </Link>
      </PageHeader>
      <div className={classes.page}>
        {is_anonymous ? <CountryOnly country={guest.country} /> : <Contact key={guest.id} guest={guest} />}
        <section className={classes.stays}>
          <h2 className={classes.title}>
            <Plural value={guest.num_stays} one="# stay" other="# stays" />
          </h2>
          <Stays id={id} />
        </section>
      </div>
    </>
  )
}

const fields = ['first_name', 'last_name', 'email', 'phone'] as const
type Draft = Readonly<Record<(typeof fields)[number] | 'country', string>>

const draftOf = ({ first_name, last_name, email, phone, country }: Guest): Draft => ({
  first_name,
  last_name,
  email: email ?? '',
  phone: phone ?? '',
  country: country ?? '',
})

/** Saves the given fields. What is empty is removed, except a name. */
const save = ({ id, version }: Pick<Guest, 'id' | 'version'>, { email, phone, country, ...names }: Partial<Draft>) =>
  bodyOf(
    api.PATCH('/api/v1/guests/{id}', {
      params: { path: { id }, header: ifMatch(version) },
      body: {
        ...names,
        ...(email !== undefined && { email: email.trim() || null }),
        ...(phone !== undefined && { phone: phone.trim() || null }),
        ...(country !== undefined && { country: country || null }),
      },
    }),
  )

function Contact({ guest }: { readonly guest: Guest }) {
  const { t } = useLingui()
  const can = useCan()
  const client = useQueryClient()
  const before = draftOf(guest)
  const { draft, changed, is_outdated, set, reset } = useDraft(before)
  const refresh = () => client.invalidateQueries({ queryKey: ['guests'] })
  const change = useMutation({
    mutationFn: () => save(guest, changed),
    onSuccess: (after) => {
      const undone = Object.fromEntries(Object.keys(changed).map((name) => [name, before[name as keyof Draft]]))
      offerUndo({ text: t`Guest saved.`, undo: () => save(after, undone) })
      client.setQueryData(guestQuery(after.id).queryKey, after)
      reset()
      return refresh()
    },
    // Somebody else was faster: show what there is now, under what was typed.
    onError: refresh,
  })
  const labels = { first_name: t`First name`, last_name: t`Last name`, email: t`E-mail`, phone: t`Phone` }
  return (
    <form
      onSubmit={(event: FormEvent) => {
        event.preventDefault()
        change.mutate()
      }}
    >
      <Stack gap="sm">
        {fields.map((name) => (
          <TextInput
            key={name}
            label={labels[name]}
            value={draft[name]}
            readOnly={!can('guests:write')}
            error={fieldProblem(change.error, `/${name}`)}
            onChange={(event) => set({ [name]: event.currentTarget.value })}
          />
        ))}
        <CountrySelect
          value={draft.country}
          readOnly={!can('guests:write')}
          error={fieldProblem(change.error, '/country')}
          onChange={(country) => set({ country })}
        />
        {is_outdated && <ChangedMeanwhile onDiscard={reset} />}
        <ChangeError error={change.error} />
        {can('guests:write') && (
          <Button
            type="submit"
            style={{ alignSelf: 'start' }}
            loading={change.isPending}
            disabled={Object.keys(changed).length === 0}
          >
            <Trans>Save</Trans>
          </Button>
        )}
      </Stack>
    </form>
  )
}

/** What is left of an anonymised guest. */
function CountryOnly({ country }: Pick<Guest, 'country'>) {
  const nameOf = useCountryName()
  if (country === null) return null
  return (
    <div>
      <span className="dim">
        <Trans>Country</Trans>
      </span>{' '}
      {nameOf(country)}
    </div>
  )
}

function Stays({ id }: { readonly id: string }) {
  const { t } = useLingui()
  const days = useDays()
  const money = useMoney()
  const { openBooking } = useOverlays()
  const pages = useListPages<Stay>({
    queryKey: ['guests', 'stays', id],
    read: (query, signal) =>
      bodyOf(api.GET('/api/v1/guests/{id}/bookings', { params: { path: { id }, query }, signal })),
  })
  const columns: readonly Column<Stay>[] = [
    { key: 'home', title: <Trans>Home</Trans>, cell: ({ property_name }) => property_name },
    {
      key: 'total',
      title: <Trans>Total</Trans>,
      is_number: true,
      cell: ({ total_cents, currency }) => money(total_cents, currency),
    },
    { key: 'stay', title: <Trans>Stay</Trans>, cell: (row) => days.stay(row.check_in, row.check_out) },
    {
      key: 'status',
      title: <Trans>Status</Trans>,
      cell: ({ status }) => <StatusMark status={status as Schema['BookingStatus']} />,
    },
  ]
  return (
    <DataTable
      label={t`Stays`}
      columns={columns}
      {...pages}
      onOpen={(row) => openBooking(row.id)}
      empty={<EmptyState title={<Trans>No stays yet</Trans>} />}
    />
  )
}
