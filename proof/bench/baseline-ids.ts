// Ids in the database of the baseline (its schema.sql). It has 50 agencies.

export const baselineAgencyId = (n: number) => `00000000-0000-0000-0000-${String(n).padStart(12, '0')}`
/** The properties of all agencies have the same ids. */
export const baselinePropertyId = (n: number) => `00000000-0000-0000-0001-${String(n).padStart(12, '0')}`
