// The settings of the agency; for those who may not change them, the same as facts.

import { Trans, useLingui } from '@lingui/react/macro'
import { Button, Group, NumberInput, Select, Stack, TextInput } from '@mantine/core'
import { queryOptions, useMutation, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { api, bodyOf, ifMatch, type Schema } from '../../api/client.ts'
import { fieldProblem } from '../../api/errors.ts'
import { useCan } from '../../api/me.ts'
import { offerUndo } from '../../shell/undo.ts'
import { ChangeError } from '../../ui/change-error.tsx'
import { PageHeader } from '../../ui/page-header.tsx'
import { OptionalFeatures } from '../entitlements/optional-features.tsx'
import classes from '../team/team.module.css'

type Agency = Schema['AgencySettings']

const agencyQuery = queryOptions({
  queryKey: ['agency'],
  queryFn: ({ signal }) => bodyOf(api.GET('/api/v1/agency', { signal })),
})

export function SettingsPage() {
  const can = useCan()
  const { data: agency } = useSuspenseQuery(agencyQuery)
  return (
    <>
      <PageHeader
        title={<Trans>Settings</Trans>}
        actions={
          <Group gap="xs">
            <Button component={Link} to="/settings/account" variant="default">
              <Trans>My account</Trans>
            </Button>
            {can('audit:read') && (
              <Button component={Link} to="/settings/audit-log" variant="default">
                <Trans>Audit log</Trans>
              </Button>
            )}
          </Group>
        }
      />
      <div className={classes.account}>
        <AgencyForm key={agency.version} agency={agency} />
        {can('features:read') && <OptionalFeatures />}
      </div>
    </>
  )
}

const fields = ['name', 'time_zone', 'currency', 'language', 'hold_minutes', 'holds_per_user'] as const
type Draft = Pick<Agency, (typeof fields)[number]>

const save = ({ version }: Pick<Agency, 'version'>, body: Schema['AgencyPatch']) =>
  bodyOf(api.PATCH('/api/v1/agency', { params: { header: ifMatch(version) }, body }))

function AgencyForm({ agency }: { readonly agency: Agency }) {
  const { t } = useLingui()
  const can = useCan()
  const client = useQueryClient()
  const [draft, setDraft] = useState<Draft>(agency)
  const set = (part: Partial<Draft>) => setDraft((now) => ({ ...now, ...part }))
  const changed = fields.filter((name) => draft[name] !== agency[name])
  const pick = (from: Draft): Partial<Draft> => Object.fromEntries(changed.map((name) => [name, from[name]]))
  const refresh = () => client.invalidateQueries({ queryKey: ['agency'] })
  const change = useMutation({
    mutationFn: () => save(agency, pick(draft)),
    onSuccess: (after) => {
      offerUndo({ text: t`Settings saved.`, undo: () => save(after, pick(agency)).then(refresh) })
      return refresh()
    },
  })
  const problem = (name: (typeof fields)[number]) => fieldProblem(change.error, `/${name}`)
  return (
    <section>
      <h2>
        <Trans>Agency</Trans>
      </h2>
      <form
        onSubmit={(event: FormEvent) => {
          event.preventDefault()
          change.mutate()
        }}
      >
        <fieldset disabled={!can('agency:update')} style={{ border: 0, margin: 0, padding: 0 }}>
          <Stack gap="sm">
            <TextInput
              label={<Trans>Name</Trans>}
              value={draft.name}
              error={problem('name')}
              onChange={(event) => set({ name: event.currentTarget.value })}
            />
            <Select
              label={<Trans>Time zone</Trans>}
              description={<Trans>Of homes that have none of their own</Trans>}
              searchable
              allowDeselect={false}
              data={timeZones(agency.time_zone)}
              value={draft.time_zone}
              error={problem('time_zone')}
              onChange={(time_zone) => time_zone !== null && set({ time_zone })}
            />
            <TextInput
              label={<Trans>Currency</Trans>}
              description={<Trans>Of new homes: EUR, CHF, …</Trans>}
              maxLength={3}
              value={draft.currency}
              error={problem('currency')}
              onChange={(event) => set({ currency: event.currentTarget.value.toUpperCase() })}
            />
            <Select
              label={<Trans>Language of e-mails to new people</Trans>}
              clearable
              data={[
                { value: 'de', label: 'Deutsch' },
                { value: 'en', label: 'English' },
              ]}
              value={draft.language}
              onChange={(language) => set({ language: language as Draft['language'] })}
            />
            <Group grow>
              <NumberInput
                label={<Trans>Minutes of a hold</Trans>}
                min={1}
                max={1440}
                allowDecimal={false}
                value={draft.hold_minutes}
                onChange={(value) => typeof value === 'number' && set({ hold_minutes: value })}
              />
              <NumberInput
                label={<Trans>Holds per person</Trans>}
                min={1}
                max={100}
                allowDecimal={false}
                value={draft.holds_per_user}
                onChange={(value) => typeof value === 'number' && set({ holds_per_user: value })}
              />
            </Group>
            <ChangeError error={change.error} />
            {can('agency:update') && (
              <Button
                type="submit"
                style={{ alignSelf: 'start' }}
                loading={change.isPending}
                disabled={changed.length === 0}
              >
                <Trans>Save</Trans>
              </Button>
            )}
          </Stack>
        </fieldset>
      </form>
    </section>
  )
}

const timeZones = (own: string): string[] => [...new Set([own, ...Intl.supportedValuesOf('timeZone')])].sort()
