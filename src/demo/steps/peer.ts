import { mutate } from '../client'
import { amount, optional, reference, text } from '../fields'
import type { Thing } from '../scope'
import { stepKind } from '../step'
import { remember } from './asset'

const CREATE = `mutation CreatePeer($input: CreatePeerInput!) {
  createPeer(input: $input) { code message peer { id } }
}`

export const peer = stepKind({
  name: 'peer',
  summary: 'creates a peer: another node, with an account of its own',
  fields: {
    asset: reference('an asset', 'asset'),
    staticIlpAddress: text('its Interledger address'),
    endpoint: text('where its connector listens'),
    authToken: optional(text('what we say to it; generated unless given')),
    name: optional(text('for people')),
    maxPacketAmount: optional(amount('largest packet it may send')),
    idempotencyKey: optional(text('generated unless given'))
  },
  prepare(values, scope, { name, place }) {
    const { asset, staticIlpAddress, endpoint, maxPacketAmount } = values
    const makes: Thing = { kind: 'peer', name, place, asset: asset.asset, id: undefined }
    const rest = {
      staticIlpAddress,
      http: { outgoing: { endpoint, authToken: values.authToken ?? scope.newId() } },
      name: values.name,
      maxPacketAmount: maxPacketAmount?.in(asset.asset).toString(),
      idempotencyKey: values.idempotencyKey ?? scope.newId()
    }
    return {
      title: `peer ${name}: ${staticIlpAddress} in ${asset.asset.code}`,
      makes,
      run: (client) => mutate(client, CREATE, { assetId: asset.id, ...rest }, ({ peer }) => remember(makes, peer))
    }
  }
})
