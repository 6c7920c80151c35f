// Inside Airbnb's summary file, which is named like the complete one and lacks what a property needs.
// Columns: data dictionary at https://insideairbnb.com/get-the-data/
import type { Format } from '../csv/columns.ts'

export const listingSummary = {
  name: "Inside Airbnb's summary of listings",
  columns: {
    id: { name: 'id', is_required: true },
    name: { name: 'name', is_required: true },
    host_id: { name: 'host_id', is_required: true },
    neighbourhood: { name: 'neighbourhood', is_required: true },
    room_type: { name: 'room_type', is_required: true },
    price: { name: 'price', is_required: true },
    minimum_nights: { name: 'minimum_nights' },
    number_of_reviews: { name: 'number_of_reviews', is_required: true },
    calculated: { name: 'calculated_host_listings_count' },
    availability: { name: 'availability_365' },
  },
  without: ['property_type', 'accommodates'],
} satisfies Format
