// The filters of the audit log.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button, Group, Popover, Select, Stack, TextInput } from '@mantine/core'
import { IconAdjustmentsHorizontal } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { api, bodyOf } from '../../../api/client.ts'
import { kinds } from '../action-names.ts'
import { readSearch, type Search } from '../search.ts'

interface Props {
  readonly search: Search
  readonly onChange: (next: Search) => void
}

export function AuditFilters({ search, onChange }: Props) {
  const count = Object.keys(search).length
  return (
    <Popover position="bottom-start" width={320} shadow="md" trapFocus>
      <Popover.Target>
        <Button variant={count > 0 ? 'light' : 'default'} leftSection={<IconAdjustmentsHorizontal size={16} />} px="sm">
          {count > 0 ? <Trans>Filters: {count}</Trans> : <Trans>Filters</Trans>}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Fields search={search} onChange={onChange} />
        {count > 0 && (
          <Button variant="subtle" mt="sm" fullWidth onClick={() => onChange({})}>
            <Trans>Clear all filters</Trans>
          </Button>
        )}
      </Popover.Dropdown>
    </Popover>
  )
}

function Fields({ search, onChange }: Props) {
  const { i18n, t } = useLingui()
  const set = (name: keyof Search, value: string | null) => onChange(readSearch({ ...search, [name]: value }))
  const { data: members } = useQuery({
    queryKey: ['team', 'names'],
    queryFn: ({ signal }) => bodyOf(api.GET('/api/v1/team', { params: { query: { limit: 100 } }, signal })),
  })
  const people = members?.items.map(({ id, full_name, email }) => ({ value: id, label: full_name || email })) ?? []
  const choice = (name: 'entity_type' | 'actor_id', label: string, data: { value: string; label: string }[]) => (
    <Select
      label={label}
      data={data}
      clearable
      searchable
      value={search[name] ?? null}
      comboboxProps={{ withinPortal: false }}
      onChange={(value) => set(name, value)}
    />
  )
  const day = (name: 'from' | 'to', label: string) => (
    <TextInput
      type="date"
      label={label}
      value={search[name] ?? ''}
      onChange={(event) => set(name, event.currentTarget.value)}
    />
  )
  return (
    <Stack gap="xs">
      {choice(
        'entity_type',
        t`What was changed`,
        Object.entries(kinds).map(([value, name]) => ({ value, label: i18n._(name) })),
      )}
      {choice('actor_id', t`Who`, people)}
      <TextInput
        label={t`Action, as in the API`}
        placeholder="booking.cancelled"
        maxLength={80}
        key={search.action ?? ''}
        defaultValue={search.action ?? ''}
        onBlur={(event) => set('action', event.currentTarget.value.trim())}
        onKeyDown={(event) => {
          if (event.key === 'Enter') set('action', event.currentTarget.value.trim())
        }}
      />
      <Group grow>
        {day('from', t`From`)}
        {day('to', t`To`)}
      </Group>
    </Stack>
  )
}
