/** Sends a webhook to an agent or a merchant, with what proves where it comes from. */
import { createHmac } from 'node:crypto'
import type { RampAttemptError } from '../../../entities/ramp/webhook-attempt'
import { TargetRefused, WebhookClient, type Attempt, type WebhookClientOptions } from '../../webhooks/webhook-client'
import type { ClaimedRampDelivery } from './delivery-shape'

export const TOKEN_HEADER = 'X-CASHRAMP-TOKEN'
export const SIGNATURE_HEADER = 'X-CASHRAMP-SIGNATURE'
export const EVENT_ID_HEADER = 'X-CASHRAMP-EVENT-ID'

/** The bytes of an event on the wire: the same each time it is sent. `data` is JSON. */
export function rampBodyOf(type: string, data: string): string {
  return `{"event_type":${JSON.stringify(type)},"data":${data}}`
}

/** HMAC-SHA256 of the body's bytes, keyed with the receiver's token, as lower-case hex. */
export function rampSignatureOf(body: string | Buffer, token: string): string {
  return createHmac('sha256', token).update(body).digest('hex')
}

export class RampSender {
  private readonly client: WebhookClient

  constructor(private readonly options: Omit<WebhookClientOptions, 'acceptsAny2xx'>) {
    this.client = new WebhookClient({ ...options, acceptsAny2xx: true })
  }

  /** Never rejects. */
  async send({ eventId, type, data, receiver }: ClaimedRampDelivery): Promise<Attempt<RampAttemptError>> {
    if (!receiver) return { startedAt: this.options.now(), durationMilliseconds: 0, status: null, error: 'no_receiver' }
    const { url, token } = receiver
    const body = rampBodyOf(type, data)
    const headers = {
      [TOKEN_HEADER]: token,
      [SIGNATURE_HEADER]: rampSignatureOf(body, token),
      [EVENT_ID_HEADER]: eventId
    }
    const attempt = await this.client.send({ url, body, headers: () => headers })
    return attempt.cause instanceof TargetRefused ? { ...attempt, error: 'refused' } : attempt
  }

  close(): void {
    this.client.close()
  }
}
