// The rail of pages at the left; on a phone a bar at the bottom.
import { useLingui } from '@lingui/react/macro'
import { Tooltip, UnstyledButton } from '@mantine/core'
import { IconDots, IconSearch } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { AccountMenu } from './account-menu.tsx'
import { Logo } from './logo.tsx'
import { type Page, usePages } from './pages.ts'
import { openPalette } from './palette-state.ts'
import classes from './shell.module.css'

export function Navigation() {
  const { t } = useLingui()
  const pages = usePages()
  return (
    <nav className={classes.rail} aria-label={t`Pages`}>
      <Link to="/today" className={classes.logo} aria-label="Roost">
        <Logo />
      </Link>
      {pages.map((page) => (
        <PageLink key={page.to} page={page} />
      ))}
      <div className={classes.spacer} />
      <UnstyledButton className={`${classes.item} ${classes.phone}`} onClick={openPalette}>
        <IconSearch size={20} stroke={1.6} aria-hidden />
        <span className={classes.label}>{t`Search`}</span>
      </UnstyledButton>
      <AccountMenu
        pages={pages}
        target={
          <UnstyledButton className={classes.item} aria-label={t`More: account and pages`}>
            <IconDots size={20} stroke={1.6} aria-hidden />
            <span className={classes.label}>{t`More`}</span>
          </UnstyledButton>
        }
      />
    </nav>
  )
}

function PageLink({ page: { to, label, icon: Icon, on_phone } }: { readonly page: Page }) {
  const { i18n } = useLingui()
  const text = i18n._(label)
  return (
    <Tooltip label={text} position="right" openDelay={200}>
      <Link to={to} className={`${classes.item} ${on_phone ? '' : classes.desk}`} aria-label={text}>
        <Icon size={20} stroke={1.6} aria-hidden />
        <span className={classes.label}>{text}</span>
      </Link>
    </Tooltip>
  )
}
