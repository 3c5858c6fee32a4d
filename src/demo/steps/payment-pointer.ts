import { mutate } from '../client'
import { optional, reference, text } from '../fields'
import type { Thing } from '../scope'
import { stepKind } from '../step'
import { remember } from './asset'

const CREATE = `mutation CreatePaymentPointer($input: CreatePaymentPointerInput!) {
  createPaymentPointer(input: $input) { code message paymentPointer { id url } }
}`

export const paymentPointer = stepKind({
  name: 'payment-pointer',
  summary: 'creates a payment pointer: the URL at which somebody is paid',
  fields: {
    asset: reference('an asset', 'asset'),
    url: text('https, with a path'),
    publicName: optional(text('shown to payers')),
    idempotencyKey: optional(text('generated unless given'))
  },
  prepare({ asset, url, publicName, idempotencyKey }, scope, { name, place }) {
    const makes: Thing = { kind: 'payment-pointer', name, place, asset: asset.asset, id: undefined }
    const rest = { url, publicName, idempotencyKey: idempotencyKey ?? scope.newId() }
    return {
      title: `payment pointer ${name}: ${url} in ${asset.asset.code}`,
      makes,
      run: (client) =>
        mutate(client, CREATE, { assetId: asset.id, ...rest }, ({ paymentPointer }) => {
          makes.url = (paymentPointer as { url: string }).url
          return remember(makes, paymentPointer)
        })
    }
  }
})
