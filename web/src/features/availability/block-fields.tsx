// The fields of a block, for a new one and for a change.
import { Trans } from '@lingui/react/macro'
import { Group, Select, Textarea, TextInput } from '@mantine/core'
import type { Schema } from '../../api/client.ts'
import { useReasonChoices } from './reasons.ts'

export interface BlockDraft {
  readonly start_date: string
  readonly end_date: string
  readonly reason: Schema['BlockReason']
  readonly notes: string
}

export const isWrong = ({ start_date, end_date }: BlockDraft) => start_date === '' || end_date <= start_date

interface Props {
  readonly draft: BlockDraft
  readonly onChange: (part: Partial<BlockDraft>) => void
}

export function BlockFields({ draft, onChange }: Props) {
  const reasons = useReasonChoices()
  return (
    <>
      <Group grow>
        <TextInput
          type="date"
          label={<Trans>First night</Trans>}
          value={draft.start_date}
          onChange={(event) => onChange({ start_date: event.currentTarget.value })}
        />
        <TextInput
          type="date"
          label={<Trans>Free again from</Trans>}
          min={draft.start_date}
          value={draft.end_date}
          error={draft.end_date !== '' && draft.end_date <= draft.start_date && <Trans>After the first night</Trans>}
          onChange={(event) => onChange({ end_date: event.currentTarget.value })}
        />
      </Group>
      <Select
        label={<Trans>Reason</Trans>}
        data={reasons}
        allowDeselect={false}
        value={draft.reason}
        onChange={(reason) => reason !== null && onChange({ reason: reason as BlockDraft['reason'] })}
      />
      <Textarea
        label={<Trans>Notes</Trans>}
        autosize
        minRows={2}
        maxLength={1000}
        value={draft.notes}
        onChange={(event) => onChange({ notes: event.currentTarget.value })}
      />
    </>
  )
}
