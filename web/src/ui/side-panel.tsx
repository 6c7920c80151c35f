// A panel at the right edge, over the page but without blocking it; on a phone it covers the page. Escape closes it.
import { useLingui } from '@lingui/react/macro'
import { CloseButton } from '@mantine/core'
import { type ReactNode, useEffect, useRef } from 'react'
import classes from './side-panel.module.css'

interface Props {
  readonly label: string
  /** Beside the button that closes the panel. */
  readonly top?: ReactNode
  readonly children: ReactNode
  readonly onClose: () => void
}

export function SidePanel({ label, top, children, onClose }: Props) {
  const { t } = useLingui()
  const panel = useRef<HTMLElement>(null)
  useFocusInAndBack(panel)
  useEscape(panel, onClose)
  return (
    <section ref={panel} className={classes.panel} role="dialog" aria-label={label} tabIndex={-1}>
      <div className={classes.top}>
        <div className={classes.top_left}>{top}</div>
        <CloseButton aria-label={t`Close`} onClick={onClose} />
      </div>
      <div className={classes.content}>{children}</div>
    </section>
  )
}

/** The panel has the focus when it opens; what had it before gets it back. */
function useFocusInAndBack(panel: { readonly current: HTMLElement | null }): void {
  useEffect(() => {
    const before = document.activeElement
    panel.current?.focus({ preventScroll: true })
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true })
    }
  }, [panel])
}

/** Whether a dialog, a menu or the list of a field is open. Some of them stay in the document when they are closed. */
const isCovered = () =>
  [...document.querySelectorAll('[aria-modal="true"], [role="menu"], [role="listbox"]')].some((element) =>
    element.checkVisibility({ visibilityProperty: true, opacityProperty: true }),
  )

/**
 * Not while a dialog or a menu over the panel is open: these close first. Whether one is open is read before it handles the key,
 * because without motion it is closed at once.
 */
function useEscape(panel: { readonly current: HTMLElement | null }, onClose: () => void): void {
  const latest = useRef(onClose)
  latest.current = onClose
  useEffect(() => {
    let was_covered = false
    function look(event: KeyboardEvent): void {
      if (event.key === 'Escape') was_covered = isCovered()
    }
    function handle(event: KeyboardEvent): void {
      if (event.key !== 'Escape' || event.defaultPrevented || was_covered || panel.current === null) return
      latest.current()
    }
    window.addEventListener('keydown', look, { capture: true })
    document.addEventListener('keydown', handle)
    return () => {
      window.removeEventListener('keydown', look, { capture: true })
      document.removeEventListener('keydown', handle)
    }
  }, [panel])
}
