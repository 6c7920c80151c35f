// The row of a group of homes.
import { Plural, Trans } from '@lingui/react/macro'
import { UnstyledButton } from '@mantine/core'
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react'
import type { GridRow } from '../rows.ts'
import classes from './grid.module.css'

interface Props {
  readonly row: Extract<GridRow, { kind: 'group' }>
  readonly top: number
  readonly index: number
  readonly onToggle: (name: string) => void
}

export function GroupRow({ row: { name, num_homes, is_closed }, top, index, onToggle }: Props) {
  const Chevron = is_closed ? IconChevronRight : IconChevronDown
  return (
    <div
      className={classes.group}
      role="row"
      aria-rowindex={index + 2}
      style={{ transform: `translateY(${top}px)` }}
      data-row={index}
    >
      <UnstyledButton
        className={classes.group_name}
        role="rowheader"
        // The grid has the focus: this row is removed when it is scrolled away.
        tabIndex={-1}
        aria-expanded={!is_closed}
        onClick={() => onToggle(name)}
      >
        <Chevron size={15} aria-hidden />
        <span className="ellipsis">{name === '' ? <Trans>Without a city</Trans> : name}</span>
        <span className="dim">
          <Plural value={num_homes} one="# home" other="# homes" />
        </span>
      </UnstyledButton>
    </div>
  )
}
