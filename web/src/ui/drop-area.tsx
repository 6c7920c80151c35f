// Where files are dropped. The children have a button that does the same without dragging.
import { type ReactNode, useState } from 'react'
import classes from './drop-area.module.css'

interface Props {
  readonly icon: ReactNode
  readonly is_disabled?: boolean
  /** Smaller, once a file is chosen. */
  readonly is_chosen?: boolean
  readonly onFiles: (files: readonly File[]) => void
  readonly children: ReactNode
}

/** What is no file, such as a picture of the page that is dragged, is left to others. */
export function DropArea({ icon, is_disabled = false, is_chosen = false, onFiles, children }: Props) {
  const [is_over, setOver] = useState(false)
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the button in it does the same without dragging.
    <div
      className={classes.area}
      data-over={is_over || undefined}
      data-chosen={is_chosen || undefined}
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes('Files')) return
        event.preventDefault()
        setOver(!is_disabled)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault()
        setOver(false)
        const files = [...event.dataTransfer.files]
        if (!is_disabled && files.length > 0) onFiles(files)
      }}
    >
      {icon}
      {children}
    </div>
  )
}
