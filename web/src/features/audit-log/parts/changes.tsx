// The fields that an entry has touched: before and after, in words.
import { Plural, Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useState } from 'react'
import type { Schema } from '../../../api/client.ts'
import { type FieldChange, useFieldChanges } from '../../../ui/fields.ts'

type Entry = Schema['AuditEntry']
const first_shown = 4

export function Changes({ entry: { before, after } }: { readonly entry: Entry }) {
  const [is_whole, setWhole] = useState(false)
  const changes = useFieldChanges()(before, after)
  const rest = changes.length - first_shown
  return (
    <>
      {changes.slice(0, is_whole ? changes.length : first_shown).map((change) => (
        <div key={change.field}>
          <span className="dim">{change.name}:</span> <Values change={change} is_new={before === null} />
        </div>
      ))}
      {rest > 0 && !is_whole && (
        <Button variant="subtle" size="compact-xs" px={0} onClick={() => setWhole(true)}>
          <Plural value={rest} one="# more field" other="# more fields" />
        </Button>
      )}
    </>
  )
}

function Values({ change, is_new }: { readonly change: FieldChange; readonly is_new: boolean }) {
  if (is_new) return change.after
  return (
    <>
      {change.before ?? <Trans>empty</Trans>} → {change.after ?? <Trans>empty</Trans>}
    </>
  )
}
