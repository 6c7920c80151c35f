// The names of the roles.
import type { MessageDescriptor } from '@lingui/core'
import { msg } from '@lingui/core/macro'
import { useLingui } from '@lingui/react'
import type { Schema } from '../api/client.ts'

export const roleNames: Readonly<Record<Schema['Role'], MessageDescriptor>> = {
  admin: msg`Admin`,
  manager: msg`Manager`,
  staff: msg`Staff`,
  owner: msg`Owner`,
  accountant: msg`Accountant`,
}

export function useRoleName(): (role: Schema['Role']) => string {
  const { i18n } = useLingui()
  return (role) => i18n._(roleNames[role])
}
