// The head of both kinds of reports: the kind, the range, and the file.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button, SegmentedControl } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { saveBlob } from '../../../ui/download.ts'
import { PageHeader } from '../../../ui/page-header.tsx'
import { rangeOf, type Search } from '../search.ts'
import { RangePicker, thisYear } from './range-picker.tsx'

interface Props {
  readonly search: Search
  readonly change: (next: Search) => void
  /** Undefined while there is nothing to save. */
  readonly csv?: (() => string) | undefined
  readonly file_name: string
  readonly children?: ReactNode
}

export function ReportHeader({ search, change, csv, file_name, children }: Props) {
  const { t } = useLingui()
  return (
    <PageHeader
      title={<Trans>Reports</Trans>}
      actions={
        csv !== undefined && (
          <Button
            variant="default"
            px={10}
            aria-label={t`Save as CSV`}
            onClick={() => saveBlob(new Blob([csv()], { type: 'text/csv' }), file_name)}
          >
            <IconDownload size={16} />
          </Button>
        )
      }
    >
      <SegmentedControl
        aria-label={t`Report`}
        value={search.show ?? 'figures'}
        onChange={(show) => change({ ...search, show: show === 'pace' ? 'pace' : undefined } as Search)}
        data={[
          { value: 'figures', label: t`Figures` },
          { value: 'pace', label: t`Booking pace` },
        ]}
      />
      <RangePicker range={rangeOf(search, thisYear())} onChange={(range) => change({ ...search, ...range })} />
      {children}
    </PageHeader>
  )
}
