/** Who can hold an API key of the ramp. */
export const RAMP_BEARER_KINDS = ['agent', 'merchant'] as const
export type RampBearerKind = (typeof RAMP_BEARER_KINDS)[number]
