/** `hazina grant`: rights that the authority gives to nobody by itself, because they spend money. */
import { Command, InvalidArgumentError } from 'commander'
import { DataSource } from 'typeorm'
import { dataSourceOptions } from '../../ormconfig'
import { loadConfig } from '../config'
import { Reader } from '../database/reader'
import { UnitOfWork } from '../database/unit-of-work'
import { authServerOf } from '../interledger/open-payments/open'
import { createLogger } from '../logging'
import { createRequestContext } from '../services/context'
import { accessJson, parseAccess, type AccessItem } from '../services/grants/access'
import { GrantService } from '../services/grants/grant-service'
import { parsePaymentPointerUrl } from '../services/payment-pointers/payment-pointer-url'
import { withDatabase } from './with-database'

const TIMEOUT_MILLISECONDS = 10_000

export function grantCommand(): Command {
  return new Command('grant')
    .description('Grants a client rights, outgoing payments among them, and prints the token that it uses them with')
    .argument('<client>', "URL of the client's payment pointer, whose keys it signs with", clientOf)
    .argument('<access>', 'its rights as JSON, as clients ask for them', accessOf)
    .addHelpText(
      'after',
      `
For example, at most 50.00 a month in all:
  hazina grant https://shop.example/pay '[{"type":"outgoing-payment","actions":["create","read"],
    "identifier":"https://wallet.example/alice","limits":{"interval":"R/2026-01-01T00:00:00Z/P1M",
    "sendAmount":{"value":"5000","assetCode":"USD","assetScale":2}}}]'`
    )
    .action(grant)
}

function clientOf(text: string): string {
  const client = parsePaymentPointerUrl(text)
  if (client === undefined) throw new InvalidArgumentError('It must be the https URL of a payment pointer.')
  return client
}

function accessOf(text: string): readonly AccessItem[] {
  let access: readonly AccessItem[] | undefined
  try {
    access = parseAccess(JSON.parse(text))
  } catch {
    access = undefined
  }
  if (!access) throw new InvalidArgumentError('It must be a JSON list of rights; docs/open-payments.md names them.')
  return access
}

async function grant(client: string, access: readonly AccessItem[]): Promise<void> {
  const config = loadConfig(process.env)
  await withDatabase(config, 'write', async ({ url }) => {
    const dataSource = await new DataSource(dataSourceOptions({ url, poolMax: 1 })).initialize()
    const reader = new Reader({ url, connections: 1 })
    const unitOfWork = new UnitOfWork(dataSource, {
      lockTimeoutMilliseconds: TIMEOUT_MILLISECONDS,
      statementTimeoutMilliseconds: TIMEOUT_MILLISECONDS,
      idleTimeoutMilliseconds: TIMEOUT_MILLISECONDS
    })
    const logger = createLogger({ level: 'silent' })
    const context = createRequestContext('grant', logger, () => new Date())
    try {
      const { token } = await new GrantService(reader, unitOfWork).issue(context, client, access)
      const { value, id, expiresInSeconds } = token
      const manage = `${authServerOf(config)}/token/${id}`
      const shown = { value, manage, expires_in: expiresInSeconds, access: access.map(accessJson) }
      console.log(JSON.stringify({ access_token: shown }, undefined, 2))
    } finally {
      await reader.close()
      await dataSource.destroy()
    }
  })
}
