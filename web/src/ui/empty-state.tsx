// What a list shows when there is nothing in it: what this is, and what to do next.
import type { ReactNode } from 'react'
import classes from './states.module.css'

interface Props {
  readonly title: ReactNode
  readonly children?: ReactNode
  /** A button. */
  readonly action?: ReactNode
}

export function EmptyState({ title, children, action }: Props) {
  return (
    <div className={classes.empty}>
      <h2 className={classes.title}>{title}</h2>
      {children !== undefined && <div className={classes.text}>{children}</div>}
      {action}
    </div>
  )
}
