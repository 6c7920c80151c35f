// The ids of the comparison service's own data (its schema.sql): 50 agencies, each with properties of the same ids.

export const peerAgencyId = (n: number) => `00000000-0000-0000-0000-${String(n).padStart(12, '0')}`
export const peerPropertyId = (n: number) => `00000000-0000-0000-0001-${String(n).padStart(12, '0')}`
