/** Sends a webhook that tells of nothing, so that an operator sees whether the receiver is reached. */
import { randomUUID } from 'node:crypto'
import { done, refused, type Answer } from '../answer'
import type { RequestContext } from '../context'
import { isStorable } from '../text'
import { bodyOf } from './delivery'
import { WEBHOOK_TIMEOUT_MILLISECONDS, type WebhookSettings } from './settings'
import { OperatorSender, senderSettingsOf } from './operator-sender'
import type { Attempt } from './webhook-client'

/** Not a type of event: nothing is stored, listed, or sent again. */
export const PING_TYPE = 'webhook.test'

export type PingFailure =
  /** There is no receiver. */
  | 'no_receiver'
  /** Longer than a text may be, or not storable as one. */
  | 'invalid_note'

export type Ping = Omit<Attempt, 'cause'> & { readonly id: string }

const CONNECTIONS_MAX = 4

export class WebhookPing {
  private readonly sender: OperatorSender | undefined

  constructor(settings: WebhookSettings, now: () => Date = () => new Date()) {
    const sender = senderSettingsOf(settings)
    if (!sender) return
    this.sender = new OperatorSender({
      ...sender,
      timeoutMilliseconds: settings.webhookTimeoutMilliseconds ?? WEBHOOK_TIMEOUT_MILLISECONDS,
      acceptsAny2xx: settings.webhookAcceptsAny2xx,
      connectionsMax: CONNECTIONS_MAX,
      now
    })
  }

  /** Sends it once, as an event is sent. What the receiver answers is the value, not a failure. */
  async send(context: RequestContext, note?: string): Promise<Answer<Ping, PingFailure>> {
    if (!this.sender) return refused('no_receiver')
    if (note !== undefined && !isStorable(note)) return refused('invalid_note')
    const id = randomUUID()
    const data = JSON.stringify({ sentAt: context.now().toISOString(), ...(note === undefined ? {} : { note }) })
    const { cause, ...attempt } = await this.sender.send(bodyOf(id, PING_TYPE, data))
    if (cause !== undefined) context.logger.info({ error: cause }, 'a test webhook was not answered')
    return done({ id, ...attempt })
  }
}
