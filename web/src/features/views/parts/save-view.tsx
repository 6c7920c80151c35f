// Saves the present filters under a name.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button, Group, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { fieldProblem } from '../../../api/errors.ts'
import { ChangeError } from '../../../ui/change-error.tsx'
import { createView, type Filters, type List, viewsQuery } from '../queries.ts'

interface Props {
  readonly list: List
  readonly filters: Filters
  /** Whether there is a search text, which is not saved. */
  readonly has_search: boolean
}

export function SaveView({ list, filters, has_search }: Props) {
  const { t } = useLingui()
  const client = useQueryClient()
  const [name, setName] = useState('')
  const save = useMutation({
    mutationFn: () => createView(list, name.trim(), filters),
    onSuccess: () => {
      setName('')
      return client.invalidateQueries({ queryKey: viewsQuery(list).queryKey })
    },
  })
  if (Object.keys(filters).length === 0)
    return (
      <span className="dim">
        <Trans>Choose filters or columns to save them here.</Trans>
      </span>
    )
  const is_taken = fieldProblem(save.error, '/name') !== undefined
  return (
    <form
      onSubmit={(event: FormEvent) => {
        event.preventDefault()
        save.mutate()
      }}
    >
      <div className="dim">
        <Trans>Save what is shown now</Trans>
      </div>
      <Group gap="xs" align="start" wrap="nowrap" mt={4}>
        <TextInput
          style={{ flex: 1 }}
          aria-label={t`Name of the view`}
          placeholder={t`Name`}
          maxLength={60}
          value={name}
          error={is_taken && t`Another view has this name.`}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button type="submit" loading={save.isPending} disabled={name.trim() === ''}>
          <Trans>Save</Trans>
        </Button>
      </Group>
      {!is_taken && <ChangeError error={save.error} />}
      {has_search && (
        <span className="dim">
          <Trans>The text that was searched for is not saved.</Trans>
        </span>
      )}
    </form>
  )
}
