// Sample requests of a feature, for the sweeps over all routes. Only tests and the scorecard load them.

/** What a sample can refer to. */
export interface SampleContext {
  readonly property_id: string
  readonly other_property_id: string
  /** A member who is not an admin. */
  readonly member_id: string
  /** Four nights that are free in both properties, from the first day of a month. */
  nights(): { check_in: string; check_out: string }
  /** The id of a new picture, which is not made by a request of a sample: its body is a file. */
  photo(): Promise<string>
  /** A number that was not returned before. */
  unique(): number
  /** Sends the sample of a POST such as `POST /holds`, with these fields in its body. Returns the id of the record it creates. */
  make(operation: string, fields?: object): Promise<string>
}

export interface Sample {
  /** A valid request of an admin. */
  readonly request: (on: SampleContext) => Promise<{ readonly path: string; readonly body?: object }>
  /** The status of the answer, when it is not 201: of a POST that others send with `make`. */
  readonly status?: number
  /** The types of the entries that it adds to the event log. */
  readonly events: readonly string[]
  /** Text fields that stay when a guest is anonymised, and why. The others are erased. */
  readonly kept?: Readonly<Record<`/${string}`, string>>
}

/** By `METHOD /path`: every route of the feature that changes data of an agency. */
export type Samples = Readonly<Record<string, Sample>>
