// The kinds of records and what can happen to them, in words.
import type { MessageDescriptor } from '@lingui/core'
import { msg } from '@lingui/core/macro'
import { useLingui } from '@lingui/react'

/** By `entity_type`. */
export const kinds: Readonly<Record<string, MessageDescriptor>> = {
  booking: msg`Booking`,
  property: msg`Home`,
  guest: msg`Guest`,
  block: msg`Block`,
  hold: msg`Hold`,
  conflict: msg`Conflict`,
  team_member: msg`Member`,
  team_invitation: msg`Invitation`,
  agency: msg`Agency`,
  feature: msg`Optional feature`,
  session: msg`Session`,
}

/** By the second part of `action`. */
const verbs: Readonly<Record<string, MessageDescriptor>> = {
  created: msg`created`,
  updated: msg`changed`,
  deleted: msg`deleted`,
  confirmed: msg`confirmed`,
  checked_in: msg`checked in`,
  checked_out: msg`checked out`,
  cancelled: msg`cancelled`,
  refunded: msg`refunded`,
  split: msg`split`,
  purged: msg`deleted for good`,
  resolved: msg`settled`,
  anonymised: msg`made anonymous`,
  exported: msg`exported`,
  merged: msg`merged`,
  unmerged: msg`separated again`,
  converted: msg`made a booking`,
  expired: msg`expired`,
  released: msg`released`,
  enabled: msg`switched on`,
  disabled: msg`switched off`,
  invited: msg`invited`,
  revoked: msg`revoked`,
  added: msg`added`,
  joined: msg`joined`,
  deactivated: msg`access ended`,
  reactivated: msg`access given again`,
  role_changed: msg`role changed`,
  profile_changed: msg`profile changed`,
  email_changed: msg`address changed`,
  address_proven: msg`address proven`,
  password_reset: msg`new password set`,
  password_reset_requested: msg`new password asked for`,
  reuse_detected: msg`ended for safety`,
}

/** `Booking: cancelled`; the code itself when a newer service has one that is not known here. */
export function useActionName(): (entity_type: string, action: string) => string {
  const { i18n } = useLingui()
  return (entity_type, action) => {
    const kind = kinds[entity_type]
    const verb = verbs[action.slice(action.indexOf('.') + 1)]
    return kind === undefined || verb === undefined ? action : `${i18n._(kind)}: ${i18n._(verb)}`
  }
}
