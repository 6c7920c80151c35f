// The bar at the top of a page: title, filters, search, actions.
import { Trans } from '@lingui/react/macro'
import { Kbd, UnstyledButton } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { openPalette } from '../shell/palette-state.ts'
import classes from './page-header.module.css'

interface Props {
  readonly title: ReactNode
  /** Filters, at the left. */
  readonly children?: ReactNode
  /** Buttons, at the right. */
  readonly actions?: ReactNode
}

export function PageHeader({ title, children, actions }: Props) {
  return (
    <header className={classes.header}>
      <h1 className={classes.title}>{title}</h1>
      <div className={classes.filters}>{children}</div>
      <UnstyledButton className={classes.search} onClick={openPalette}>
        <IconSearch size={15} aria-hidden />
        <span className={classes.search_text}>
          <Trans>Find or go to</Trans>
        </span>
        <Kbd size="xs">{navigator.platform.startsWith('Mac') ? '⌘K' : 'Ctrl K'}</Kbd>
      </UnstyledButton>
      {actions}
    </header>
  )
}
