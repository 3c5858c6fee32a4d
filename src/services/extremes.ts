/** The smaller and the larger of two amounts: `Math` has neither for bigints. */
export function smaller(one: bigint, other: bigint): bigint {
  return one < other ? one : other
}

export function larger(one: bigint, other: bigint): bigint {
  return one > other ? one : other
}
