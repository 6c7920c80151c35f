// The form of the settings of the agency.

import { Trans, useLingui } from '@lingui/react/macro'
import { Button, Group, NumberInput, Select, Stack, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { api, bodyOf, ifMatch, type Schema } from '../../../api/client.ts'
import { fieldProblem } from '../../../api/errors.ts'
import { offerUndo } from '../../../shell/undo.ts'
import { ChangeError } from '../../../ui/change-error.tsx'

type Agency = Schema['AgencySettings']

const fields = ['name', 'time_zone', 'currency', 'language', 'hold_minutes', 'holds_per_user'] as const
type Draft = Pick<Agency, (typeof fields)[number]>

interface Change {
  readonly before: Partial<Draft>
  readonly after: Partial<Draft>
}

const save = ({ version }: Pick<Agency, 'version'>, body: Schema['AgencyPatch']) =>
  bodyOf(api.PATCH('/api/v1/agency', { params: { header: ifMatch(version) }, body }))

export function AgencyForm({ agency }: { readonly agency: Agency }) {
  const { t } = useLingui()
  const client = useQueryClient()
  // Only what was typed here, so that a change of somebody else shows in the other fields and is not taken back.
  const [edits, setEdits] = useState<Partial<Draft>>({})
  const draft: Draft = { ...agency, ...edits }
  const set = (part: Partial<Draft>) => setEdits((now) => ({ ...now, ...part }))
  const changed = fields.filter((name) => draft[name] !== agency[name])
  const pick = (from: Draft): Partial<Draft> => Object.fromEntries(changed.map((name) => [name, from[name]]))
  const refresh = () => client.invalidateQueries({ queryKey: ['agency'] })
  const change = useMutation({
    mutationFn: ({ after }: Change) => save(agency, after),
    onSuccess: async (saved, { before }) => {
      offerUndo({ text: t`Settings saved.`, undo: () => save(saved, before).then(refresh) })
      await refresh()
      setEdits({})
    },
    // Somebody else was faster: their values are read, and what was typed here stays in the fields.
    onError: refresh,
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
          change.mutate({ before: pick(agency), after: pick(draft) })
        }}
      >
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
              error={problem('hold_minutes')}
              onChange={(value) => typeof value === 'number' && set({ hold_minutes: value })}
            />
            <NumberInput
              label={<Trans>Holds per person</Trans>}
              min={1}
              max={100}
              allowDecimal={false}
              value={draft.holds_per_user}
              error={problem('holds_per_user')}
              onChange={(value) => typeof value === 'number' && set({ holds_per_user: value })}
            />
          </Group>
          <ChangeError error={change.error} />
          <Button
            type="submit"
            style={{ alignSelf: 'start' }}
            loading={change.isPending}
            disabled={changed.length === 0}
          >
            <Trans>Save</Trans>
          </Button>
        </Stack>
      </form>
    </section>
  )
}

const timeZones = (own: string): string[] => [...new Set([own, ...Intl.supportedValuesOf('timeZone')])].sort()
