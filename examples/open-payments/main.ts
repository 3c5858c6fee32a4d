/**
 * `npm run open-payments -- <payment pointer>`: a client that makes an incoming payment and reads it. It goes by
 * plain HTTP and publishes its key on this machine, so it is for a service that runs in development.
 */
import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createHeaders, generateJwk } from '@interledger/http-signature-utils'

interface PaymentPointer {
  readonly id: string
  readonly assetCode: string
  readonly assetScale: number
  readonly authServer: string
}

interface Grant {
  readonly access_token: { readonly value: string; readonly expires_in: number }
}

interface IncomingPayment {
  readonly id: string
  readonly completed: boolean
  readonly incomingAmount: object
  readonly receivedAmount: object
  readonly ilpStreamConnection: { readonly ilpAddress: string }
}

const keyId = 'example-key'
const { privateKey } = generateKeyPairSync('ed25519')

/** Whoever checks a signature of this client fetches its keys from here. */
const keys = createServer((_, response) => {
  const body = JSON.stringify({ keys: [generateJwk({ privateKey, keyId })] })
  response.writeHead(200, { 'content-type': 'application/json' }).end(body)
})

async function main(url: string | undefined): Promise<void> {
  if (url === undefined) throw new Error('npm run open-payments -- <payment pointer>')
  await new Promise<void>((resolve) => keys.listen(0, '127.0.0.1', resolve))
  const client = `https://127.0.0.1:${(keys.address() as AddressInfo).port}/shop`
  const pointer = await send<PaymentPointer>('GET', url)
  console.log('paid in', pointer.assetCode, 'at', pointer.id)

  const access = [{ type: 'incoming-payment', actions: ['create', 'read'] }]
  const grant = await send<Grant>('POST', pointer.authServer, { body: { access_token: { access }, client } })
  const { value: token, expires_in: seconds } = grant.access_token
  console.log('granted for', seconds, 'seconds')

  const incomingAmount = { value: '2500', assetCode: pointer.assetCode, assetScale: pointer.assetScale }
  const body = { incomingAmount, metadata: { invoice: '2026-117' } }
  const made = await send<IncomingPayment>('POST', `${pointer.id}/incoming-payments`, { token, body })
  console.log('made', made.id)
  const { completed, receivedAmount, ilpStreamConnection } = await send<IncomingPayment>('GET', made.id, { token })
  console.log('received', JSON.stringify(receivedAmount), completed ? 'completed' : 'not completed')
  console.log('other credentials:', ilpStreamConnection.ilpAddress !== made.ilpStreamConnection.ilpAddress)
}

/** Sends, signed when it is a POST or has a token. */
async function send<Answer>(
  method: 'GET' | 'POST',
  address: string,
  { token, body }: { token?: string; body?: object } = {}
): Promise<Answer> {
  const url = new URL(address)
  url.protocol = 'http:'
  const headers: Record<string, string> = {
    accept: 'application/json',
    ...(token !== undefined && { authorization: `GNAP ${token}` })
  }
  const request = { method, url: url.href, headers: { ...headers }, body: body && JSON.stringify(body) }
  const isSigned = method === 'POST' || token !== undefined
  const signed = isSigned ? await createHeaders({ request, privateKey, keyId }) : {}
  const answer = await fetch(url, { method, headers: { ...headers, ...signed }, body: request.body })
  if (!answer.ok) throw new Error(`${method} ${url.href} was answered ${answer.status}: ${await answer.text()}`)
  return (await answer.json()) as Answer
}

main(process.argv[2])
  .catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  })
  .finally(() => {
    keys.closeAllConnections()
    keys.close()
  })
