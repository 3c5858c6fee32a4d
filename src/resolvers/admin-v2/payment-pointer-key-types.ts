import { Field, ID, InputType, ObjectType, registerEnumType } from 'type-graphql'
import type { PaymentPointerKey } from '../../entities'
import { IDEMPOTENCY_KEY } from './descriptions'
import { Model, MutationResponse } from './interfaces'

const Alg = { EdDSA: 'EdDSA' } as const
const Crv = { Ed25519: 'Ed25519' } as const
const Kty = { OKP: 'OKP' } as const
registerEnumType(Alg, {
  name: 'Alg',
  description: 'Signature algorithm of a key.',
  valuesConfig: { EdDSA: { description: 'Edwards-curve signatures, RFC 8032.' } }
})
registerEnumType(Crv, {
  name: 'Crv',
  description: 'Curve of a key.',
  valuesConfig: { Ed25519: { description: 'Curve 25519 in Edwards form.' } }
})
registerEnumType(Kty, {
  name: 'Kty',
  description: 'Type of a key.',
  valuesConfig: { OKP: { description: 'Octet key pair, RFC 8037.' } }
})

const KID = "Name of the key, unique among the payment pointer's keys that are not revoked."
const X = 'The public key: 32 bytes in base64url.'

@ObjectType('Jwk', { description: 'An Ed25519 public key as a JSON web key.' })
export class JwkNode {
  @Field(() => String, { description: KID })
  kid!: string

  @Field(() => String, { description: X })
  x!: string

  @Field(() => Alg, { description: 'Signature algorithm of the key.' })
  alg!: 'EdDSA'

  @Field(() => Kty, { description: 'Type of the key.' })
  kty!: 'OKP'

  @Field(() => Crv, { description: 'Curve of the key.' })
  crv!: 'Ed25519'
}

@ObjectType('PaymentPointerKey', {
  implements: Model,
  description: "A public key that signs Open Payments requests in a payment pointer's name."
})
export class PaymentPointerKeyNode extends Model {
  @Field(() => ID, { description: 'Identifier of the payment pointer that the key belongs to.' })
  paymentPointerId!: string

  @Field(() => JwkNode, { description: 'The public key as a JSON web key.' })
  jwk!: JwkNode

  @Field(() => Boolean, { description: 'Whether the key is revoked. A revoked key stays so.' })
  revoked!: boolean
}

export function paymentPointerKeyNode(key: PaymentPointerKey): PaymentPointerKeyNode {
  const { id, paymentPointerId, kid, x, revokedAt, createdAt } = key
  return {
    id,
    paymentPointerId,
    jwk: { kid, x, alg: Alg.EdDSA, kty: Kty.OKP, crv: Crv.Ed25519 },
    revoked: revokedAt !== null,
    createdAt: createdAt.toISOString()
  }
}

@InputType('JwkInput', { description: 'An Ed25519 public key as a JSON web key.' })
export class JwkInput {
  @Field(() => String, { description: KID })
  kid!: string

  @Field(() => String, { description: X })
  x!: string

  @Field(() => Alg, { description: 'Signature algorithm of the key.' })
  alg!: 'EdDSA'

  @Field(() => Kty, { description: 'Type of the key.' })
  kty!: 'OKP'

  @Field(() => Crv, { description: 'Curve of the key.' })
  crv!: 'Ed25519'
}

@InputType('CreatePaymentPointerKeyInput', { description: 'A new key of a payment pointer.' })
export class CreatePaymentPointerKeyInput {
  @Field(() => String, { description: 'Identifier of the payment pointer that gets the key.' })
  paymentPointerId!: string

  @Field(() => JwkInput, { description: 'The public key as a JSON web key.' })
  jwk!: JwkInput

  @Field(() => String, { nullable: true, description: IDEMPOTENCY_KEY })
  idempotencyKey?: string | null
}

@InputType('RevokePaymentPointerKeyInput', { description: 'A key to be revoked.' })
export class RevokePaymentPointerKeyInput {
  @Field(() => String, { description: 'Identifier of the key; not its `kid`.' })
  id!: string

  @Field(() => String, { nullable: true, description: IDEMPOTENCY_KEY })
  idempotencyKey?: string | null
}

@ObjectType('CreatePaymentPointerKeyMutationResponse', {
  implements: MutationResponse,
  description: 'What `createPaymentPointerKey` answers.'
})
export class CreatePaymentPointerKeyMutationResponse extends MutationResponse {
  @Field(() => PaymentPointerKeyNode, { nullable: true, description: 'The new public key; null on failure.' })
  paymentPointerKey!: PaymentPointerKeyNode | null
}

@ObjectType('RevokePaymentPointerKeyMutationResponse', {
  implements: MutationResponse,
  description: 'What `revokePaymentPointerKey` answers.'
})
export class RevokePaymentPointerKeyMutationResponse extends MutationResponse {
  @Field(() => PaymentPointerKeyNode, { nullable: true, description: 'The revoked key; null on failure.' })
  paymentPointerKey!: PaymentPointerKeyNode | null
}
