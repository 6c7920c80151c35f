// Where pictures are dropped or chosen.
import { Trans } from '@lingui/react/macro'
import { Button, FileButton, Text } from '@mantine/core'
import { IconPhotoPlus } from '@tabler/icons-react'
import { useRef } from 'react'
import { DropArea } from '../../../ui/drop-area.tsx'

const types = 'image/jpeg,image/png,image/webp,image/avif'

export function PhotoDrop({ onChoose }: { readonly onChoose: (files: readonly File[]) => void }) {
  const reset = useRef<() => void>(null)
  return (
    <DropArea icon={<IconPhotoPlus size={28} aria-hidden />} onFiles={onChoose}>
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
    </DropArea>
  )
}
