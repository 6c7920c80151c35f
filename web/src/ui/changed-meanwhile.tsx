// Says that what is being edited was changed elsewhere, and offers the other value.
import { Trans } from '@lingui/react/macro'
import { Alert, Button, Group } from '@mantine/core'

export function ChangedMeanwhile({ onDiscard }: { readonly onDiscard: () => void }) {
  return (
    <Alert color="orange" role="alert" p="xs">
      <Group justify="space-between">
        <Trans>Somebody else has changed this meanwhile. Saving replaces their change.</Trans>
        <Button size="xs" variant="default" onClick={onDiscard}>
          <Trans>Show theirs</Trans>
        </Button>
      </Group>
    </Alert>
  )
}
