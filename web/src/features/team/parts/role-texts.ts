// What each role may do, in words (docs/permissions.md).
import type { MessageDescriptor } from '@lingui/core'
import { msg } from '@lingui/core/macro'
import type { Schema } from '../../../api/client.ts'

type Texts<T> = Readonly<Record<Schema['Role'], T>>

export const roleSummaries: Texts<MessageDescriptor> = {
  admin: msg`Everything, also the team and the settings`,
  manager: msg`Bookings, homes, guests, blocks and reports`,
  staff: msg`Takes bookings, checks guests in and out`,
  owner: msg`Sees own homes and their stays, and blocks nights there`,
  accountant: msg`Sees amounts of all bookings and the reports`,
}

export const roleDetails: Texts<readonly MessageDescriptor[]> = {
  admin: [
    msg`Does all that a manager does`,
    msg`Deletes homes and makes guests anonymous`,
    msg`Invites people, gives roles and ends access`,
    msg`Changes the settings, reads the audit log and the state of the service`,
  ],
  manager: [
    msg`Makes and changes homes, with their prices and rules`,
    msg`Makes, changes, cancels and deletes bookings, and sees their history`,
    msg`Blocks and holds nights, and sees conflicts`,
    msg`Keeps the data of the guests`,
    msg`Reads all reports and sees the team`,
  ],
  staff: [
    msg`Sees all homes, bookings and guests`,
    msg`Takes new bookings, holds nights and keeps the data of the guests`,
    msg`Confirms bookings, checks guests in and out`,
    msg`Does not change or cancel bookings, block nights or see reports`,
  ],
  owner: [
    msg`Sees own homes and the stays there, nothing else`,
    msg`Sees the last name of a guest, but no contacts, notes or parts of the price`,
    msg`Blocks nights of own homes`,
    msg`Reads the reports of own homes`,
  ],
  accountant: [
    msg`Sees the amounts of all bookings, but no guests and no notes`,
    msg`Sees which nights are free`,
    msg`Reads all reports`,
    msg`Changes nothing`,
  ],
}
