// My name, and the language of the console and of e-mails.

import { Trans, useLingui } from '@lingui/react/macro'
import { Button, Select, Stack, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../../../api/client.ts'
import { fieldProblem } from '../../../api/errors.ts'
import { useMe } from '../../../api/me.ts'
import { activateLanguage, type Language } from '../../../locales/i18n.ts'
import { offerUndo } from '../../../shell/undo.ts'
import { ChangeError } from '../../../ui/change-error.tsx'
import { submitting } from './account-forms.ts'

export function OwnProfile() {
  const { i18n, t } = useLingui()
  const { user } = useMe()
  const client = useQueryClient()
  const [full_name, setName] = useState(user.full_name)
  const [language, setLanguage] = useState<Language>(user.language ?? (i18n.locale as Language))
  async function change(next: { full_name: string; language: Language }): Promise<void> {
    await api.PATCH('/api/v1/me', { body: next })
    await activateLanguage(next.language)
    await client.invalidateQueries({ queryKey: ['me'] })
  }
  const save = useMutation({
    mutationFn: () => change({ full_name: full_name.trim(), language }),
    onSuccess: () => {
      const before = { full_name: user.full_name, language: user.language ?? (i18n.locale as Language) }
      const undo = async () => {
        await change(before)
        setName(before.full_name)
        setLanguage(before.language)
      }
      offerUndo({ text: t`Saved.`, undo })
    },
  })
  return (
    <section>
      <h2>
        <Trans>Name and language</Trans>
      </h2>
      <form onSubmit={submitting(save.mutate)}>
        <Stack gap="sm">
          <TextInput
            label={<Trans>Name</Trans>}
            autoComplete="name"
            value={full_name}
            error={fieldProblem(save.error, '/full_name')}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Select
            label={<Trans>Language of the console and of e-mails</Trans>}
            allowDeselect={false}
            data={[
              { value: 'de', label: 'Deutsch' },
              { value: 'en', label: 'English' },
            ]}
            value={language}
            onChange={(value) => setLanguage(value as Language)}
          />
          <ChangeError error={save.error} />
          <Button
            type="submit"
            style={{ alignSelf: 'start' }}
            loading={save.isPending}
            disabled={full_name.trim() === '' || (full_name === user.full_name && language === user.language)}
          >
            <Trans>Save</Trans>
          </Button>
        </Stack>
      </form>
    </section>
  )
}
