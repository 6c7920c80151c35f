// The form of a home. For people who may not change it, the same fields as facts.

import { Trans, useLingui } from '@lingui/react/macro'
import { Button, Chip, Group, Input, MultiSelect, Select, Textarea, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { FormEvent } from 'react'
import { api, bodyOf } from '../../../api/client.ts'
import { fieldProblem } from '../../../api/errors.ts'
import { useCan } from '../../../api/me.ts'
import { useLocale } from '../../../locales/i18n.ts'
import { decimalsOf, parseMoney } from '../../../locales/money.ts'
import { offerUndo } from '../../../shell/undo.ts'
import { ChangeError } from '../../../ui/change-error.tsx'
import { ChangedMeanwhile } from '../../../ui/changed-meanwhile.tsx'
import { useDraft } from '../../../ui/use-draft.ts'
import { useAmenityChoices } from '../amenities.ts'
import classes from '../property.module.css'
import { type Property, propertyQuery, updateProperty } from '../queries.ts'
import { propertyTypes, useTypeName } from '../types.ts'
import { draftOf, type Field, groups, patchOf } from './fields.ts'

export function HomeForm({ home }: { readonly home: Property }) {
  const { i18n, t } = useLingui()
  const can = useCan()
  const client = useQueryClient()
  const before = draftOf(home, decimalsOf(home.currency))
  const { draft, is_outdated, set, reset } = useDraft(before)
  const { patch, wrong } = patchOf(before, draft, (text) => parseMoney(text, home.currency))
  const refresh = () => client.invalidateQueries({ queryKey: ['properties'] })
  const save = useMutation({
    mutationFn: () => updateProperty(home, patch),
    onSuccess: (after) => {
      const undone = Object.fromEntries(Object.keys(patch).map((name) => [name, home[name as keyof Property]]))
      offerUndo({ text: t`${after.name} is saved.`, undo: () => updateProperty(after, undone).then(refresh) })
      client.setQueryData(propertyQuery(after.id).queryKey, after)
      reset()
      return refresh()
    },
    // Somebody else was faster: show what there is now, under what was typed.
    onError: refresh,
  })
  const may_change = can('properties:update')
  return (
    <form
      onSubmit={(event: FormEvent) => {
        event.preventDefault()
        save.mutate()
      }}
    >
      {groups.map(({ title, fields }) => (
        <fieldset key={title.id} className={classes.group} disabled={!may_change}>
          <legend className={classes.legend}>{i18n._(title)}</legend>
          {fields.map((field) => (
            <FieldInput
              key={field.name}
              field={field}
              value={draft[field.name] ?? ''}
              problem={wrong.includes(field.name) ? t`This cannot be read` : fieldProblem(save.error, `/${field.name}`)}
              onChange={(value) => set({ [field.name]: value })}
            />
          ))}
        </fieldset>
      ))}
      {may_change && (
        <div className={classes.save}>
          {is_outdated && <ChangedMeanwhile onDiscard={reset} />}
          <ChangeError error={save.error} />
          <Group mt={4}>
            <Button
              type="submit"
              loading={save.isPending}
              disabled={Object.keys(patch).length === 0 || wrong.length > 0}
            >
              <Trans>Save</Trans>
            </Button>
            {Object.keys(patch).length > 0 && (
              <Button variant="subtle" color="gray" onClick={reset}>
                <Trans>Discard the changes</Trans>
              </Button>
            )}
          </Group>
        </div>
      )}
    </form>
  )
}

interface InputProps {
  readonly field: Field
  readonly value: string
  readonly problem: string | undefined
  readonly onChange: (value: string) => void
}

function FieldInput({ field: { kind, label, is_optional }, value, problem, onChange }: InputProps) {
  const { i18n } = useLingui()
  const typeName = useTypeName()
  const text = i18n._(label)
  const common = { label: text, error: problem }
  if (kind === 'weekdays') return <Weekdays label={text} value={value} problem={problem} onChange={onChange} />
  if (kind === 'amenities') return <Amenities label={text} value={value} problem={problem} onChange={onChange} />
  if (kind === 'owner') return <Owner label={text} value={value} onChange={onChange} />
  if (kind === 'type')
    return (
      <Select
        {...common}
        allowDeselect={false}
        data={propertyTypes.map((type) => ({ value: type, label: typeName(type) }))}
        value={value}
        onChange={(type) => onChange(type ?? value)}
      />
    )
  if (kind === 'long_text')
    return (
      <Textarea
        {...common}
        className={classes.wide}
        autosize
        minRows={3}
        maxLength={9900}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    )
  return (
    <TextInput
      {...common}
      type={kind === 'time' ? 'time' : 'text'}
      inputMode={kind === 'number' ? 'numeric' : kind === 'money' ? 'decimal' : 'text'}
      required={!is_optional}
      withAsterisk={false}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}

const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']

function Weekdays({ label, value, problem, onChange }: Omit<InputProps, 'field'> & { readonly label: string }) {
  const locale = useLocale()
  const format = new Intl.DateTimeFormat(locale, { weekday: 'short', timeZone: 'UTC' })
  return (
    <Input.Wrapper label={label} error={problem} className={classes.wide}>
      <Chip.Group
        multiple
        value={value === '' ? [] : value.split(',')}
        onChange={(chosen) => onChange(days.filter((day) => chosen.includes(day)).join(','))}
      >
        <Group gap={4} mt={4}>
          {days.map((day, n) => (
            <Chip key={day} value={day} size="xs">
              {format.format(Date.UTC(2024, 0, 1 + n))}
            </Chip>
          ))}
        </Group>
      </Chip.Group>
    </Input.Wrapper>
  )
}

function Amenities({ label, value, problem, onChange }: Omit<InputProps, 'field'> & { readonly label: string }) {
  return (
    <MultiSelect
      className={classes.wide}
      label={label}
      error={problem}
      searchable
      clearable
      hidePickedOptions
      data={useAmenityChoices()}
      value={value === '' ? [] : value.split(',')}
      onChange={(chosen) => onChange(chosen.join(','))}
    />
  )
}

function Owner({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }) {
  const can = useCan()
  const { data } = useQuery({
    queryKey: ['team', 'owners'],
    queryFn: ({ signal }) =>
      bodyOf(api.GET('/api/v1/team', { params: { query: { role: 'owner', limit: 100 } }, signal })),
    enabled: can('team:read'),
  })
  if (!can('team:read')) return null
  return (
    <Select
      label={label}
      clearable
      searchable
      data={(data?.items ?? []).map(({ id, full_name, email }) => ({ value: id, label: full_name || email }))}
      value={value === '' ? null : value}
      onChange={(id) => onChange(id ?? '')}
    />
  )
}
