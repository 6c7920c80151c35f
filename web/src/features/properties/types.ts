// The names of the types of homes.
import type { MessageDescriptor } from '@lingui/core'
import { msg } from '@lingui/core/macro'
import { useLingui } from '@lingui/react'
import type { Schema } from '../../api/client.ts'

const names: Readonly<Record<Schema['PropertyType'], MessageDescriptor>> = {
  apartment: msg`Apartment`,
  house: msg`House`,
  villa: msg`Villa`,
  condo: msg`Condominium`,
  room: msg`Room`,
  studio: msg`Studio`,
  cabin: msg`Cabin`,
  cottage: msg`Cottage`,
  chalet: msg`Chalet`,
  other: msg`Other`,
}

export function useTypeName(): (type: Schema['PropertyType']) => string {
  const { i18n } = useLingui()
  return (type) => i18n._(names[type])
}

export const propertyTypes = Object.keys(names) as Schema['PropertyType'][]
