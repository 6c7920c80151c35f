// Where pictures are dropped or chosen.
import { Trans } from '@lingui/react/macro'
import { Button, FileButton, Text } from '@mantine/core'
import { IconPhotoPlus } from '@tabler/icons-react'
import { type DragEvent, useRef, useState } from 'react'
import classes from '../photos.module.css'

const types = 'image/jpeg,image/png,image/webp,image/avif'

export function PhotoDrop({ onChoose }: { readonly onChoose: (files: readonly File[]) => void }) {
  const [is_over, setOver] = useState(false)
  const reset = useRef<() => void>(null)
  function drop(event: DragEvent): void {
    event.preventDefault()
    setOver(false)
    onChoose([...event.dataTransfer.files])
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the button in it does the same without dragging.
    <div
      className={classes.drop}
      data-over={is_over || undefined}
      onDragOver={(event) => {
        // A picture of this page is dragged to another position, not uploaded.
        if (!event.dataTransfer.types.includes('Files')) return
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <IconPhotoPlus size={28} aria-hidden />
      <div>
        <Text fw={500}>
          <Trans>Drop pictures here</Trans>
        </Text>
        <Text c="dimmed">
          <Trans>JPEG, PNG, WebP or AVIF. Where and with which camera they were taken is removed.</Trans>
        </Text>
      </div>
      <FileButton
        multiple
        accept={types}
        resetRef={reset}
        onChange={(files) => {
          onChoose(files)
          reset.current?.()
        }}
      >
        {(props) => (
          <Button {...props} variant="default">
            <Trans>Choose pictures</Trans>
          </Button>
        )}
      </FileButton>
    </div>
  )
}
