// The guest of a new booking: somebody who is known, found while typing, or a new person.

import { Trans, useLingui } from '@lingui/react/macro'
import { Button, Group, Stack, Text, TextInput, UnstyledButton } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { api, bodyOf } from '../../../api/client.ts'
import { fieldProblem } from '../../../api/errors.ts'
import { useCan } from '../../../api/me.ts'
import { CountrySelect } from '../../../ui/countries.tsx'
import { emptyGuest, type GuestDraft } from './draft.ts'
import classes from './home-choice.module.css'

interface Props {
  readonly guest: GuestDraft
  readonly onChange: (guest: GuestDraft) => void
  readonly error: unknown
}

export function GuestFields({ guest, onChange, error }: Props) {
  const { t } = useLingui()
  const name = `${guest.first_name} ${guest.last_name}`
  if (guest.id !== undefined)
    return (
      <Group justify="space-between">
        <div>
          <Text c="dimmed" size="xs">
            <Trans>Guest</Trans>
          </Text>
          <Text fw={500}>{name}</Text>
        </div>
        <Button variant="default" onClick={() => onChange(emptyGuest)}>
          <Trans>Another guest</Trans>
        </Button>
      </Group>
    )
  const field = (key: 'first_name' | 'last_name' | 'email' | 'phone', label: string, type = 'text') => (
    <TextInput
      label={label}
      type={type}
      maxLength={254}
      autoComplete="off"
      value={guest[key]}
      error={fieldProblem(error, `/guest/${key}`)}
      onChange={(event) => onChange({ ...guest, [key]: event.currentTarget.value })}
    />
  )
  return (
    <Stack gap="xs">
      <Group grow>
        {field('first_name', t`First name`)}
        {field('last_name', t`Last name`)}
      </Group>
      <Group grow>
        {field('email', t`E-mail`, 'email')}
        {field('phone', t`Phone`, 'tel')}
      </Group>
      <CountrySelect
        value={guest.country}
        error={fieldProblem(error, '/guest/country')}
        onChange={(country) => onChange({ ...guest, country })}
      />
      <KnownGuests guest={guest} onChange={onChange} />
    </Stack>
  )
}

function KnownGuests({ guest, onChange }: Omit<Props, 'error'>) {
  const can = useCan()
  const [q] = useDebouncedValue([guest.first_name, guest.last_name].join(' ').trim() || guest.email.trim(), 250)
  const { data } = useQuery({
    queryKey: ['guests', 'known', q],
    queryFn: ({ signal }) => bodyOf(api.GET('/api/v1/guests', { params: { query: { q, limit: 4 } }, signal })),
    enabled: q.length >= 3 && can('guests:read'),
  })
  const found = data?.items.filter(({ anonymised_at }) => anonymised_at === null) ?? []
  if (found.length === 0) return null
  return (
    <div>
      <Text c="dimmed" size="xs">
        <Trans>Known guests</Trans>
      </Text>
      {found.map(({ id, first_name, last_name, email, phone }) => (
        <UnstyledButton
          key={id}
          className={classes.choice}
          onClick={() => onChange({ ...emptyGuest, id, first_name, last_name })}
        >
          <span className={classes.name}>
            <span>
              {first_name} {last_name}
            </span>
            <span className="dim ellipsis">{[email, phone].filter(Boolean).join(' · ')}</span>
          </span>
        </UnstyledButton>
      ))}
    </div>
  )
}
