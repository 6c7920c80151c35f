// One saved view: applies it; renames it, gives it the present filters, or deletes it.
import { Trans, useLingui } from '@lingui/react/macro'
import { ActionIcon, Button, Group, Menu, TextInput } from '@mantine/core'
import { IconCheck, IconDots } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { fieldProblem } from '../../../api/errors.ts'
import { offerUndo } from '../../../shell/undo.ts'
import { ChangeError } from '../../../ui/change-error.tsx'
import { changeView, createView, type Filters, removeView, type SavedView } from '../queries.ts'

interface Props {
  readonly view: SavedView
  /** Of the address. */
  readonly filters: Filters
  readonly onApply: () => void
}

export function ViewRow({ view, filters, onApply }: Props) {
  const { t } = useLingui()
  const client = useQueryClient()
  const [is_renaming, setRenaming] = useState(false)
  const refresh = () => client.invalidateQueries({ queryKey: ['views'] })
  const change = useMutation({
    mutationFn: (body: { name?: string; filters?: Filters }) => changeView(view, body),
    onSuccess: () => setRenaming(false),
    onSettled: refresh,
  })
  const remove = useMutation({
    mutationFn: () => removeView(view),
    onSuccess: () =>
      offerUndo({
        text: t`View ${view.name} deleted.`,
        undo: async () => {
          await createView(view.list, view.name, view.filters as Filters)
          await refresh()
        },
      }),
    onSettled: refresh,
  })
  if (is_renaming) {
    return (
      <Rename
        name={view.name}
        error={change.error}
        onSave={(name) => change.mutate({ name })}
        onCancel={() => setRenaming(false)}
      />
    )
  }
  const is_on = isSame(filters, view.filters as Filters)
  return (
    <div>
      <Group gap={4} wrap="nowrap">
        <Button
          variant={is_on ? 'light' : 'subtle'}
          color={is_on ? 'accent' : 'gray'}
          px="xs"
          justify="start"
          style={{ flex: 1, minWidth: 0 }}
          aria-pressed={is_on}
          leftSection={is_on && <IconCheck size={14} />}
          onClick={onApply}
        >
          {view.name}
        </Button>
        <Menu withinPortal={false} position="bottom-end">
          <Menu.Target>
            <ActionIcon variant="subtle" color="gray" aria-label={t`Change view ${view.name}`}>
              <IconDots size={16} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={() => setRenaming(true)}>
              <Trans>Rename</Trans>
            </Menu.Item>
            <Menu.Item disabled={is_on} onClick={() => change.mutate({ filters })}>
              <Trans>Replace by what is shown now</Trans>
            </Menu.Item>
            <Menu.Item color="red" onClick={() => remove.mutate()}>
              <Trans>Delete</Trans>
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </Group>
      <ChangeError error={change.error ?? remove.error} />
    </div>
  )
}

interface RenameProps {
  readonly name: string
  readonly error: unknown
  readonly onSave: (name: string) => void
  readonly onCancel: () => void
}

function Rename({ name, error, onSave, onCancel }: RenameProps) {
  const { t } = useLingui()
  const [text, setText] = useState(name)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (text.trim() === name) onCancel()
    else onSave(text.trim())
  }
  return (
    <form onSubmit={submit}>
      <Group gap={4} wrap="nowrap" align="start">
        <TextInput
          style={{ flex: 1 }}
          aria-label={t`New name`}
          data-autofocus
          maxLength={60}
          value={text}
          error={fieldProblem(error, '/name') !== undefined && t`Another view has this name.`}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Button type="submit" px="xs" disabled={text.trim() === ''}>
          <Trans>Rename</Trans>
        </Button>
      </Group>
    </form>
  )
}

/** Whatever the order of the filters. */
function isSame(one: Filters, other: Filters): boolean {
  const names = new Set([...Object.keys(one), ...Object.keys(other)])
  return [...names].every((name) => one[name] === other[name])
}
