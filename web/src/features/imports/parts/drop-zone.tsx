// Where a file is dropped or chosen.
import { Trans } from '@lingui/react/macro'
import { Button, FileButton, Text } from '@mantine/core'
import { IconFileSpreadsheet } from '@tabler/icons-react'
import { type DragEvent, useState } from 'react'
import { useLocale } from '../../../locales/i18n.ts'
import classes from '../import.module.css'

interface Props {
  readonly file: File | undefined
  readonly is_disabled: boolean
  readonly onChoose: (file: File) => void
}

export function DropZone({ file, is_disabled, onChoose }: Props) {
  const [is_over, setOver] = useState(false)
  const take = (chosen: File | null | undefined) => {
    if (!is_disabled && chosen !== null && chosen !== undefined) onChoose(chosen)
  }
  function drop(event: DragEvent): void {
    event.preventDefault()
    setOver(false)
    take(event.dataTransfer.files[0])
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the button in it does the same without dragging.
    <div
      className={classes.drop}
      data-over={is_over || undefined}
      data-chosen={file !== undefined || undefined}
      onDragOver={(event) => {
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <IconFileSpreadsheet size={28} aria-hidden />
      {file === undefined ? (
        <div>
          <Text fw={500}>
            <Trans>Drop a file here</Trans>
          </Text>
          <Text c="dimmed">
            <Trans>CSV or Excel, as Airbnb, Booking.com, Vrbo, Smoobu, Lodgify, Guesty or Hostaway export it.</Trans>
          </Text>
        </div>
      ) : (
        <FileName file={file} />
      )}
      <FileButton onChange={take} accept=".csv,.tsv,.txt,.xlsx,text/csv" disabled={is_disabled}>
        {(props) => (
          <Button {...props} variant="default">
            {file === undefined ? <Trans>Choose a file</Trans> : <Trans>Another file</Trans>}
          </Button>
        )}
      </FileButton>
    </div>
  )
}

function FileName({ file: { name, size } }: { readonly file: File }) {
  const locale = useLocale()
  const kilobytes = new Intl.NumberFormat(locale, { style: 'unit', unit: 'kilobyte', maximumFractionDigits: 0 })
  return (
    <div className={classes.file}>
      <Text fw={500}>{name}</Text>
      <Text c="dimmed">{kilobytes.format(Math.ceil(size / 1000))}</Text>
    </div>
  )
}
