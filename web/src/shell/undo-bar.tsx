// Shows the last change at the bottom of the screen, with undo: by button or by the key Z.
import { useLingui } from '@lingui/react'
import { Trans } from '@lingui/react/macro'
import { UnstyledButton } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { errorSentence } from '../api/errors.ts'
import { useShortcuts } from '../ui/shortcuts.ts'
import classes from './shell.module.css'
import { dismissUndo, holdUndo, offerUndo, useUndo } from './undo.ts'

export function UndoBar() {
  const { i18n } = useLingui()
  const client = useQueryClient()
  const offer = useUndo()
  async function run(): Promise<void> {
    if (offer?.undo === undefined) return
    dismissUndo()
    try {
      await offer.undo()
    } catch (error) {
      offerUndo({ text: errorSentence(i18n, error) })
    }
    // Also after a refusal: somebody has changed the record since, and the screen shows that.
    await client.invalidateQueries()
  }
  useShortcuts({ z: () => void run() })
  return (
    <div aria-live="polite">
      {offer !== undefined && (
        // biome-ignore lint/a11y/noStaticElementInteractions: it only keeps the bar while somebody is at it.
        <div
          className={classes.undo}
          onMouseEnter={() => holdUndo(true)}
          onMouseLeave={() => holdUndo(false)}
          onFocus={() => holdUndo(true)}
          onBlur={() => holdUndo(false)}
        >
          <span>{offer.text}</span>
          {offer.undo !== undefined && (
            <UnstyledButton onClick={() => void run()}>
              <Trans>Undo (Z)</Trans>
            </UnstyledButton>
          )}
        </div>
      )}
    </div>
  )
}
