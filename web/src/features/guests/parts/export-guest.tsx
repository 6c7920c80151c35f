// All data about a guest as a file, for a request under article 15 GDPR.

import { Trans, useLingui } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { api, bodyOf, type Schema } from '../../../api/client.ts'
import { errorSentence } from '../../../api/errors.ts'
import { useCan } from '../../../api/me.ts'
import { offerUndo } from '../../../shell/undo.ts'
import { saveBlob } from '../../../ui/download.ts'

export function ExportGuest({ guest: { id } }: { readonly guest: Pick<Schema['Guest'], 'id'> }) {
  const { i18n } = useLingui()
  const can = useCan()
  const run = useMutation({
    mutationFn: () => bodyOf(api.POST('/api/v1/guests/{id}/export', { params: { path: { id } } })),
    onSuccess: (data) =>
      saveBlob(new Blob([JSON.stringify(data, null, 2)], { type: 'application/json' }), 'guest.json'),
    onError: (error) => offerUndo({ text: errorSentence(i18n, error) }),
  })
  if (!can('guests:erase')) return null
  return (
    <Button variant="default" loading={run.isPending} onClick={() => run.mutate()}>
      <Trans>Save all data</Trans>
    </Button>
  )
}
