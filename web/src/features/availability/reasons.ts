// The reasons of blocks.
import type { MessageDescriptor } from '@lingui/core'
import { msg } from '@lingui/core/macro'
import { useLingui } from '@lingui/react'
import type { Schema } from '../../api/client.ts'

const blockReasons: Readonly<Record<Schema['BlockReason'], MessageDescriptor>> = {
  maintenance: msg`Maintenance`,
  owner_use: msg`The owner is there`,
  other: msg`Other reason`,
}

export function useReasonChoices() {
  const { i18n } = useLingui()
  return Object.entries(blockReasons).map(([value, name]) => ({ value, label: i18n._(name) }))
}
