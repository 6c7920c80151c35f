// Asks for the password over the page, so that an unsaved form survives the end of a session.
import { Trans } from '@lingui/react/macro'
import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useMe } from '../api/me.ts'
import { forgetSession } from '../api/session.ts'
import { PasswordForm } from '../features/team/password-form.tsx'

export function SessionExpired() {
  const { user } = useMe()
  return (
    <Modal
      opened
      onClose={() => {}}
      withCloseButton={false}
      title={<Trans>Your session has ended</Trans>}
      zIndex={1000}
    >
      <Stack gap="sm">
        <Text size="md">
          <Trans>Sign in again to go on where you were. Nothing on this page is lost.</Trans>
        </Text>
        <PasswordForm email={user.email} />
        <Group justify="flex-end">
          <Button variant="subtle" color="gray" onClick={forgetSession}>
            <Trans>Leave the page instead</Trans>
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
