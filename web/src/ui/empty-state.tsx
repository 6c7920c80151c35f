// What a list shows when there is nothing in it: what this is, and what to do next.
import type { ReactNode } from 'react'
import classes from './states.module.css'

interface Props {
  readonly title: ReactNode
  readonly children?: ReactNode
  /** A button. */
  readonly action?: ReactNode
  /** `h1` when it is the whole page. */
  readonly heading?: 'h1' | 'h2'
}

export function EmptyState({ title, children, action, heading: Heading = 'h2' }: Props) {
  return (
    <div className={classes.empty}>
      <Heading className={classes.title}>{title}</Heading>
      {children !== undefined && <div className={classes.text}>{children}</div>}
      {action}
    </div>
  )
}
