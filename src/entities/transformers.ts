import type { ValueTransformer } from 'typeorm'

/** The driver hands `bigint` and `numeric` columns over as text; properties hold them as `bigint`. */
export const wholeNumber: ValueTransformer = {
  to: (value: bigint | null | undefined): string | null | undefined => (value == null ? value : value.toString()),
  from: (value: string | null): bigint | null => (value === null ? null : BigInt(value))
}
