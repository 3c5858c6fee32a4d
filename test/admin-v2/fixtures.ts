/** Assets, peers and payment pointers for tests that are about something else. */
import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { Ledger } from '../../src/ledger/ledger'
import { availableOf } from '../../src/ledger/types'
import { Asset, PaymentPointer } from '../../src/entities'
import { liquidityAccount } from '../../src/services/ledger-accounts'
import { TRANSFER_CODES } from '../../src/services/ledger-codes'
import { DataSource } from 'typeorm'
import { ANSWER, unique, type Fields, type TestApi } from './support'

export async function createAsset(api: TestApi, input: object = {}): Promise<Fields> {
  const whole = { code: unique('A'), scale: 2, ...input }
  const answer = await api.mutate('createAsset', 'CreateAssetInput', whole, `${ANSWER} asset { id code scale }`)
  expect(answer).toMatchObject({ code: '200' })
  return answer.asset
}

export function peerInput(assetId: string, more: object = {}): Record<string, unknown> {
  return {
    assetId,
    staticIlpAddress: `test.${unique('peer')}`,
    http: { outgoing: { authToken: 'out', endpoint: 'http://peer.test:3000' } },
    ...more
  }
}

export async function createPeer(api: TestApi, assetId: string, more: object = {}): Promise<Fields> {
  const answer = await api.mutate('createPeer', 'CreatePeerInput', peerInput(assetId, more), `${ANSWER} peer { id }`)
  expect(answer).toMatchObject({ code: '200' })
  return answer.peer
}

export async function createPaymentPointer(api: TestApi, assetId: string, more: object = {}): Promise<Fields> {
  const input = { assetId, url: `https://wallet.test/${unique('user')}`, ...more }
  const fields = `${ANSWER} paymentPointer { id url }`
  const answer = await api.mutate('createPaymentPointer', 'CreatePaymentPointerInput', input, fields)
  expect(answer).toMatchObject({ code: '200' })
  return answer.paymentPointer
}

/** Credits a payment pointer with money sent straight to it, opening its account if need be. */
export async function creditPaymentPointer(api: TestApi, id: string, amount: bigint): Promise<void> {
  const { manager } = api.container.resolve(DataSource)
  const ledger = api.container.resolve(Ledger)
  const pointer = await manager.findOneByOrFail(PaymentPointer, { id })
  const asset = await manager.findOneByOrFail(Asset, { id: pointer.assetId })
  let accountId = pointer.webMonetizationAccountId
  if (accountId === null) {
    const [fresh] = (await ledger.allocateAccountIds(1)) as [bigint]
    accountId = fresh
    await ledger.submit({
      accounts: [liquidityAccount('LIQUIDITY_WEB_MONETIZATION', fresh, asset.ledger, id)],
      commands: []
    })
    await manager.update(PaymentPointer, { id }, { webMonetizationAccountId: fresh })
  }
  const accounts = { debitAccountId: asset.settlementAccountId, creditAccountId: accountId }
  const command = { type: 'transfer', id: randomUUID(), ...accounts, amount, code: TRANSFER_CODES.DEPOSIT } as const
  expect((await ledger.submit({ commands: [command] })).results).toEqual(['ok'])
}

export async function settlementBalance(api: TestApi, assetId: string): Promise<bigint> {
  const asset = await api.container.resolve(DataSource).manager.findOneByOrFail(Asset, { id: assetId })
  const account = await api.container.resolve(Ledger).account(asset.settlementAccountId)
  if (!account) throw new Error('the asset has no settlement account')
  return -availableOf(account)
}

/** An Ed25519 public key. */
export function publicKey(kid: string): Record<string, string> {
  const { x } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })
  return { kid, x: x as string, alg: 'EdDSA', kty: 'OKP', crv: 'Ed25519' }
}
