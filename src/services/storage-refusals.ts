/** What a constraint of the database means to a use case: the one place where constraints have names. */
import { ConstraintViolated } from '../database/unit-of-work'
import { AttachmentRefused } from '../ledger/types'
import { refused, type Refused } from './answer'

const REFUSALS = {
  api_key_payment_pointer_id: 'unknown_payment_pointer',
  asset_code_scale: 'duplicate_asset',
  client_key_pkey: 'duplicate_key_id',
  peer_static_ilp_address: 'duplicate_ilp_address',
  peer_incoming_token_pkey: 'duplicate_incoming_token',
  payment_pointer_url: 'duplicate_url',
  payment_pointer_key_active_kid: 'duplicate_kid',
  outgoing_payment_pkey: 'used_quote',
  outgoing_payment_peer: 'peer_in_use',
  ramp_agent_email: 'EMAIL_TAKEN',
  ramp_merchant_email: 'EMAIL_TAKEN',
  ramp_customer_email: 'EMAIL_TAKEN'
} as const

type Constraint = keyof typeof REFUSALS
export type StorageRefusal = (typeof REFUSALS)[Constraint]

/** Runs `work`; a refusal by one of the expected constraints becomes the answer, everything else is thrown. */
export async function orRefused<Result, Failure extends StorageRefusal>(
  expected: readonly Failure[],
  work: () => Promise<Result>
): Promise<Result | Refused<Failure>> {
  try {
    return await work()
  } catch (error) {
    const failure = refusalOf(error)
    const known = expected.find((candidate) => candidate === failure)
    if (known === undefined) throw error
    return refused(known)
  }
}

function refusalOf(error: unknown): StorageRefusal | undefined {
  const { constraint } = error instanceof ConstraintViolated || error instanceof AttachmentRefused ? error : {}
  return constraint !== undefined && Object.hasOwn(REFUSALS, constraint)
    ? REFUSALS[constraint as Constraint]
    : undefined
}
