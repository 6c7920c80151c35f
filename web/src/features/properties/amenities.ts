// What a home can have: the names, in the groups in which people look for them.
import type { MessageDescriptor } from '@lingui/core'
import { msg } from '@lingui/core/macro'
import { useLingui } from '@lingui/react'
import type { Schema } from '../../api/client.ts'

type Amenity = Schema['Amenity']

const names: Readonly<Record<Amenity, MessageDescriptor>> = {
  wifi: msg`Wi-Fi`,
  tv: msg`Television`,
  air_conditioning: msg`Air conditioning`,
  heating: msg`Heating`,
  fireplace: msg`Fireplace`,
  workspace: msg`Workspace`,
  elevator: msg`Lift`,
  kitchen: msg`Kitchen`,
  dishwasher: msg`Dishwasher`,
  oven: msg`Oven`,
  microwave: msg`Microwave`,
  coffee_machine: msg`Coffee machine`,
  fridge: msg`Fridge`,
  washing_machine: msg`Washing machine`,
  dryer: msg`Tumble dryer`,
  iron: msg`Iron`,
  bed_linen: msg`Bed linen`,
  towels: msg`Towels`,
  balcony: msg`Balcony`,
  terrace: msg`Terrace`,
  garden: msg`Garden`,
  barbecue: msg`Barbecue`,
  lake_view: msg`View of the lake`,
  mountain_view: msg`View of the mountains`,
  sea_view: msg`View of the sea`,
  pool: msg`Pool`,
  sauna: msg`Sauna`,
  hot_tub: msg`Hot tub`,
  bathtub: msg`Bathtub`,
  cot: msg`Cot`,
  high_chair: msg`High chair`,
  playground: msg`Playground`,
  dogs_allowed: msg`Dogs allowed`,
  smoking_allowed: msg`Smoking allowed`,
  step_free: msg`Step-free access`,
  parking: msg`Parking`,
  garage: msg`Garage`,
  ev_charger: msg`Charger for electric cars`,
  bicycle_storage: msg`Place for bicycles`,
  ski_storage: msg`Place for skis`,
  key_box: msg`Key box`,
}

const groups: readonly (readonly [title: MessageDescriptor, amenities: readonly Amenity[]])[] = [
  [msg`Comfort`, ['wifi', 'tv', 'air_conditioning', 'heating', 'fireplace', 'workspace', 'elevator']],
  [msg`Kitchen`, ['kitchen', 'dishwasher', 'oven', 'microwave', 'coffee_machine', 'fridge']],
  [msg`Laundry`, ['washing_machine', 'dryer', 'iron', 'bed_linen', 'towels']],
  [msg`Outside`, ['balcony', 'terrace', 'garden', 'barbecue', 'lake_view', 'mountain_view', 'sea_view']],
  [msg`Wellness`, ['pool', 'sauna', 'hot_tub', 'bathtub']],
  [msg`Families and house rules`, ['cot', 'high_chair', 'playground', 'dogs_allowed', 'smoking_allowed', 'step_free']],
  [msg`Arrival`, ['parking', 'garage', 'ev_charger', 'bicycle_storage', 'ski_storage', 'key_box']],
]

/** As choices of a select, by group. */
export function useAmenityChoices(): { group: string; items: { value: string; label: string }[] }[] {
  const { i18n } = useLingui()
  return groups.map(([title, amenities]) => ({
    group: i18n._(title),
    items: amenities.map((value) => ({ value, label: i18n._(names[value]) })),
  }))
}
