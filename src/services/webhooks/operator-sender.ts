/** Sends the operator's webhooks: always to the same receiver, signed if there is a secret. */
import { SIGNATURE_VERSION, type WebhookSettings } from './settings'
import { signatureOf, SIGNATURE_HEADER, type SignatureOptions } from './signature'
import { WebhookClient, type Attempt, type WebhookClientOptions } from './webhook-client'

export interface SenderSettings {
  /** Where to send, `http` or `https`. */
  readonly url: string
  /** Without it nothing is signed. */
  readonly signature?: SignatureOptions
}

export interface OperatorSenderOptions extends SenderSettings, Omit<WebhookClientOptions, 'targets'> {}

/** Undefined if there is no receiver. */
export function senderSettingsOf(settings: WebhookSettings): SenderSettings | undefined {
  const { webhookUrl, signatureSecret, signatureVersion = SIGNATURE_VERSION } = settings
  if (webhookUrl === undefined) return undefined
  if (signatureSecret === undefined) return { url: webhookUrl }
  return { url: webhookUrl, signature: { secret: signatureSecret, version: signatureVersion } }
}

export class OperatorSender {
  private readonly client: WebhookClient

  constructor(private readonly options: OperatorSenderOptions) {
    const { protocol } = new URL(options.url)
    if (protocol !== 'http:' && protocol !== 'https:') throw new RangeError(`webhooks cannot be sent by ${protocol}`)
    this.client = new WebhookClient(options)
  }

  /** `body` is JSON and is sent as it is. Never rejects. */
  send(body: string): Promise<Attempt> {
    const { url, signature } = this.options
    if (!signature) return this.client.send({ url, body })
    const headers = (sentAt: Date): Record<string, string> => ({
      [SIGNATURE_HEADER]: signatureOf(body, sentAt, signature)
    })
    return this.client.send({ url, body, headers })
  }

  close(): void {
    this.client.close()
  }
}
