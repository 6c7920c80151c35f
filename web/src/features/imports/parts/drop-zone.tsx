// Where a file is dropped or chosen.
import { Trans } from '@lingui/react/macro'
import { Button, FileButton, Text } from '@mantine/core'
import { IconFileSpreadsheet } from '@tabler/icons-react'
import { useLocale } from '../../../locales/i18n.ts'
import { DropArea } from '../../../ui/drop-area.tsx'
import classes from '../import.module.css'

interface Props {
  readonly file: File | undefined
  readonly is_disabled: boolean
  readonly onChoose: (file: File) => void
}

export function DropZone({ file, is_disabled, onChoose }: Props) {
  const take = (chosen: File | null | undefined) => {
    if (!is_disabled && chosen !== null && chosen !== undefined) onChoose(chosen)
  }
  return (
    <DropArea
      icon={<IconFileSpreadsheet size={28} aria-hidden />}
      is_disabled={is_disabled}
      is_chosen={file !== undefined}
      onFiles={([first]) => take(first)}
    >
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
    </DropArea>
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
