// A link that is shown once, to be passed on by hand; or that it was sent.
import { Trans } from '@lingui/react/macro'
import { Button, CopyButton, Group, Modal, Stack, Text } from '@mantine/core'
import { useDays } from '../../../locales/days.ts'
import classes from '../team.module.css'

interface Props {
  readonly title: string
  readonly delivery: 'mail' | 'link' | 'operator'
  readonly link: string | undefined
  readonly expires_at: string
  readonly onClose: () => void
}

export function SecretLink({ title, delivery, link, expires_at, onClose }: Props) {
  const days = useDays()
  return (
    <Modal opened onClose={onClose} title={title} closeOnClickOutside={link === undefined}>
      <Stack gap="sm">
        {link === undefined ? (
          <Text>
            {delivery === 'operator' ? (
              <Trans>Only the operator of the service can make this link.</Trans>
            ) : (
              <Trans>A link is on its way by e-mail.</Trans>
            )}
          </Text>
        ) : (
          <>
            <Text>
              <Trans>Pass this link on yourself, to nobody else. It is shown only now.</Trans>
            </Text>
            <div className={classes.link}>{link}</div>
          </>
        )}
        <Text c="dimmed">
          <Trans>Valid until {days.instant(expires_at)}</Trans>
        </Text>
        <Group justify="flex-end">
          {link !== undefined && (
            <CopyButton value={link}>
              {({ copied, copy }) => (
                <Button variant="default" onClick={copy}>
                  {copied ? <Trans>Copied</Trans> : <Trans>Copy</Trans>}
                </Button>
              )}
            </CopyButton>
          )}
          <Button onClick={onClose}>
            <Trans>Close</Trans>
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
