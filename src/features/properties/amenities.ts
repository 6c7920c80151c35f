// What a property can have, in the groups in which people look for it.
import { invalid } from '../../core/errors.ts'

/** Never rename one: they are stored with the properties. */
const amenityGroups = {
  comfort: ['wifi', 'tv', 'air_conditioning', 'heating', 'fireplace', 'workspace', 'elevator'],
  kitchen: ['kitchen', 'dishwasher', 'oven', 'microwave', 'coffee_machine', 'fridge'],
  laundry: ['washing_machine', 'dryer', 'iron', 'bed_linen', 'towels'],
  outside: ['balcony', 'terrace', 'garden', 'barbecue', 'lake_view', 'mountain_view', 'sea_view'],
  wellness: ['pool', 'sauna', 'hot_tub', 'bathtub'],
  families: ['cot', 'high_chair', 'playground', 'dogs_allowed', 'smoking_allowed', 'step_free'],
  arrival: ['parking', 'garage', 'ev_charger', 'bicycle_storage', 'ski_storage', 'key_box'],
} as const

export type Amenity = (typeof amenityGroups)[keyof typeof amenityGroups][number]

export const amenities: readonly Amenity[] = Object.values(amenityGroups).flat()

/** The amenities of a list such as `wifi,sauna`, each once. Throws ValidationError, which names the first unknown one. */
export function parseAmenities(list: string, pointer: string): string[] {
  const names = [...new Set(list.split(','))]
  const unknown = names.find((name) => !amenities.some((one) => one === name))
  if (unknown !== undefined)
    throw invalid(pointer, `has no amenity ${unknown}; see Property.amenities`, 'UNKNOWN_AMENITY')
  return names
}
