// Account, agencies, language, colours, sign-out; on a phone also the pages that have no place in the bar.
import { Trans, useLingui } from '@lingui/react/macro'
import { Menu, Text, useMantineColorScheme } from '@mantine/core'
import { IconCheck, IconKeyboard, IconLanguage, IconLogout, IconMoon, IconSun, IconUser } from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { switchAgency, useMe } from '../api/me.ts'
import { queryClient } from '../api/query-client.ts'
import { endSession } from '../api/session.ts'
import { activateLanguage } from '../locales/i18n.ts'
import { useRoleName } from '../ui/role-name.ts'
import type { Page } from './pages.ts'
import classes from './shell.module.css'
import { offerUndo } from './undo.ts'

interface Props {
  readonly target: ReactElement
  readonly pages: readonly Page[]
}

export function AccountMenu({ target, pages }: Props) {
  const { i18n } = useLingui()
  const { user } = useMe()
  const navigate = useNavigate()
  return (
    <Menu position="right-end" width={260} withinPortal zIndex={500}>
      <Menu.Target>{target}</Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text size="md" c="var(--r-text)" fw={600}>
            {user.full_name}
          </Text>
          {user.email}
        </Menu.Label>
        <Menu.Item leftSection={<IconUser size={16} />} onClick={() => navigate({ to: '/settings/account' })}>
          <Trans>My account</Trans>
        </Menu.Item>
        {pages
          .filter(({ on_phone }) => !on_phone)
          .map(({ to, label, icon: Icon }) => (
            <Menu.Item
              key={to}
              className={classes.phone}
              leftSection={<Icon size={16} />}
              onClick={() => navigate({ to })}
            >
              {i18n._(label)}
            </Menu.Item>
          ))}
        <Agencies />
        <Menu.Divider />
        <Appearance />
        <Menu.Divider />
        <SignOut />
      </Menu.Dropdown>
    </Menu>
  )
}

function Agencies() {
  const { agencies, agency_id } = useMe()
  const roleName = useRoleName()
  if (agencies.length < 2) return null
  return (
    <>
      <Menu.Divider />
      <Menu.Label>
        <Trans>Agency</Trans>
      </Menu.Label>
      {agencies.map((agency) => (
        <Menu.Item
          key={agency.agency_id}
          leftSection={<IconCheck size={16} opacity={agency.agency_id === agency_id ? 1 : 0} />}
          aria-current={agency.agency_id === agency_id}
          onClick={() => void switchAgency(agency.agency_id)}
        >
          {agency.agency_name}
          <Text size="xs" c="dimmed">
            {roleName(agency.role)}
          </Text>
        </Menu.Item>
      ))}
    </>
  )
}

function Appearance() {
  const { i18n } = useLingui()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const is_dark =
    colorScheme === 'dark' || (colorScheme === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches)
  const other = i18n.locale === 'de' ? 'en' : 'de'
  return (
    <>
      <Menu.Item
        leftSection={is_dark ? <IconSun size={16} /> : <IconMoon size={16} />}
        onClick={() => setColorScheme(is_dark ? 'light' : 'dark')}
      >
        {is_dark ? <Trans>Light colours</Trans> : <Trans>Dark colours</Trans>}
      </Menu.Item>
      <Menu.Item leftSection={<IconLanguage size={16} />} lang={other} onClick={() => void activateLanguage(other)}>
        {other === 'de' ? 'Deutsch' : 'English'}
      </Menu.Item>
      <Menu.Item
        className={classes.desk}
        leftSection={<IconKeyboard size={16} />}
        onClick={() => document.dispatchEvent(new KeyboardEvent('keydown', { key: '?' }))}
      >
        <Trans>Keys</Trans>
      </Menu.Item>
    </>
  )
}

function SignOut() {
  const { t } = useLingui()
  async function signOut(): Promise<void> {
    if (await endSession()) queryClient.clear()
    else offerUndo({ text: t`You are still signed in: the service does not answer. Try again.` })
  }
  return (
    <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => void signOut()}>
      <Trans>Sign out</Trans>
    </Menu.Item>
  )
}
