/**
 * A worker in a process of its own, which a test may kill: sends what is due in a database, once, to a receiver
 * whose credentials it is given.
 */
import 'reflect-metadata'
import { EntityReader } from '../../../src/database/entity-reader'
import { Reader } from '../../../src/database/reader'
import type { IlpReceiver } from '../../../src/interledger/stream/ilp-method'
import { PAYMENT_LEASE_MILLISECONDS } from '../../../src/services/payments/outgoing/lease'
import { OutgoingPaymentClaims } from '../../../src/services/payments/outgoing/outgoing-payment-claims'
import { OutgoingPaymentSender } from '../../../src/services/payments/outgoing/outgoing-payment-sender'
import { NodeParts } from '../node-parts'

export interface Task {
  /** How far the test's clock is ahead. */
  readonly offsetMilliseconds: number
  readonly databaseUrl: string
  readonly ilpAddress: string
  readonly receiver: Pick<IlpReceiver, 'ilpAddress' | 'unit'> & { readonly sharedSecret: string }
}

async function main(): Promise<void> {
  const { offsetMilliseconds, databaseUrl, ilpAddress, receiver } = JSON.parse(process.env.TASK ?? '') as Task
  const realNow = Date.now.bind(Date)
  Date.now = () => realNow() + offsetMilliseconds
  const open: IlpReceiver = {
    ...receiver,
    sharedSecret: Buffer.from(receiver.sharedSecret, 'base64'),
    incomingAmount: undefined,
    remaining: undefined,
    expiresAt: undefined
  }
  const parts = await NodeParts.open({
    ilpAddress,
    database: { url: databaseUrl, drop: () => Promise.resolve() },
    remoteReceivers: { resolve: () => Promise.resolve({ state: 'open', receiver: open }) }
  })
  const { container } = parts.api
  const reader = container.resolve(Reader)
  const query = { query: reader.rows.bind(reader) }
  const claims = new OutgoingPaymentClaims(container.resolve(EntityReader), query, PAYMENT_LEASE_MILLISECONDS)
  const claimed = await claims.claim(new Date(Date.now()), 10)
  const sender = container.resolve(OutgoingPaymentSender)
  await Promise.all(claimed.map((payment) => sender.send(parts.api.context(), payment)))
  await parts.close()
}

main().catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
