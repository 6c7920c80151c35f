// Why a file was refused, and what helps.
import type { MessageDescriptor } from '@lingui/core'
import { msg } from '@lingui/core/macro'
import { Trans, useLingui } from '@lingui/react/macro'
import { Alert, Button, Stack, Text } from '@mantine/core'
import { ApiError, errorSentence } from '../../../api/errors.ts'

const advice: Readonly<Record<string, MessageDescriptor>> = {
  assign_required: msg`The file names no home for its stays.`,
  calendar: msg`This is a calendar. It has neither guests nor prices: import the export of the reservations.`,
  currency_required: msg`The file does not say in which currency its prices are. Enter it under Options.`,
  date_order_required: msg`The dates can be read in two ways. Choose their order under Options.`,
  interrupted: msg`The import was stopped. What was imported so far is saved: import the file again to complete it.`,
  unknown_columns: msg`The columns of this file are not known.`,
}

interface Props {
  readonly error: unknown
  readonly onAssign: () => void
}

export function ImportProblem({ error, onAssign }: Props) {
  const { i18n } = useLingui()
  if (error === null || error === undefined) return null
  const is_refused = error instanceof ApiError && error.code === 'IMPORT_REFUSED'
  const reason = is_refused ? String(error.meta.reason) : undefined
  const known = isAbort(error) ? advice.interrupted : advice[reason ?? '']
  return (
    <Alert color="red" role="alert" title={<Trans>The file was not imported</Trans>}>
      <Stack gap="xs" align="start">
        <Text>{known === undefined ? (is_refused ? error.message : errorSentence(i18n, error)) : i18n._(known)}</Text>
        {is_refused && known !== undefined && <Text c="dimmed">{error.message}</Text>}
        {reason === 'assign_required' && (
          <Button variant="default" onClick={onAssign}>
            <Trans>Give each stay the first home that is free and large enough</Trans>
          </Button>
        )}
      </Stack>
    </Alert>
  )
}

const isAbort = (error: unknown) => error instanceof DOMException && error.name === 'AbortError'
