/** API keys of agents and merchants, and where webhooks go. */
import { done, refused } from '../../../services/answer'
import type { GlobalType } from '../../../services/ramp/global-ids'
import type { Bearer, IssuedKey } from '../../../services/ramp/parties/ramp-key-service'
import { idOf } from '../ids'
import { operation, type OperatorOperation } from '../operation'
import { choice, moment, named, nullable, object, optional, text, type ValueOf } from '../shape'

const KINDS = ['secret', 'public'] as const

const ISSUED = named(
  'IssuedKey',
  object({
    key: text('The key itself: it is shown here and never again.'),
    masked: text('What of it stays readable.'),
    kind: choice('A public key reads little and may be shown to customers.', KINDS),
    webhookUrl: nullable(text('Where its bearer is told what happens.')),
    webhookToken: nullable(text('Sent with each webhook, and the key of its signature.')),
    createdAt: moment('When it was issued.')
  })
)

const TARGET = named(
  'WebhookTarget',
  object({
    webhookUrl: nullable(text('Where the bearer is told what happens.')),
    webhookToken: nullable(text('Sent with each webhook, and the key of its signature.'))
  })
)

const webhookUrl = optional(nullable(text('Kept from the key before unless given; null ends webhooks.')))
/** It travels in a header. */
const webhookToken = optional(
  text('Kept from the key before unless given, or made.', { pattern: '^[!-~]+$', maxLength: 256 })
)
const KEY_BODY = {
  kind: optional(choice('Secret unless given.', KINDS)),
  webhookUrl,
  webhookToken
}

function shown({ record, key }: IssuedKey): ValueOf<typeof ISSUED> {
  const { masked, isSecret, webhookUrl, webhookToken, createdAt } = record
  return {
    key,
    masked,
    kind: isSecret ? 'secret' : 'public',
    webhookUrl,
    webhookToken,
    createdAt: createdAt.toISOString()
  }
}

/** The same for agents and merchants. */
function operationsOf(
  kind: Bearer['kind'],
  { group, tag, type }: { group: string; tag: string; type: GlobalType }
): OperatorOperation[] {
  const name = kind === 'agent' ? 'Agent' : 'Merchant'
  const parts = { bearer: 'Its global id.' }
  // The compiler needs to see where the id stands, not for whom.
  const base = `/${group}/{bearer}` as '/agents/{bearer}'
  const bearerOf = (text: string): Bearer | undefined => {
    const id = idOf(type, text)
    return id === undefined ? undefined : { kind, id }
  }
  const giving = (verb: 'issue' | 'rotate', below: '' | '/rotate', summary: string): OperatorOperation =>
    operation({
      id: `${verb}${name}Key`,
      method: 'POST',
      path: `${base}/keys${below}` as const,
      tag,
      summary,
      isCreation: true,
      parts,
      body: KEY_BODY,
      answer: ISSUED,
      failures: ['NOT_FOUND', 'INVALID_ADDRESS'],
      run: async ({ services, context, path, body: { kind: keyKind = 'secret', ...options } }) => {
        const bearer = bearerOf(path.bearer)
        if (!bearer) return refused('NOT_FOUND')
        const answer = await services.keys[verb](context, bearer, { ...options, isSecret: keyKind === 'secret' })
        return answer.done ? done(shown(answer.value)) : answer
      }
    })
  const issue = giving(
    'issue',
    '',
    `Gives the ${kind} a new key, which is shown once. The one of its kind that it had is revoked at once.`
  )
  const rotate = giving(
    'rotate',
    '/rotate',
    `Puts a new key in the place of the one that the ${kind} has, which has to be there.`
  )
  const revoke = operation({
    id: `revoke${name}Key`,
    method: 'POST',
    path: `${base}/keys/revoke` as const,
    tag,
    summary: `Revokes the key of a kind that the ${kind} has.`,
    parts,
    body: { kind: choice('Which.', KINDS) },
    answer: object({}),
    failures: ['NOT_FOUND'],
    run: async ({ services, context, path, body }) => {
      const bearer = bearerOf(path.bearer)
      if (!bearer) return refused('NOT_FOUND')
      const answer = await services.keys.revoke(context, bearer, body.kind === 'secret')
      return answer.done ? done({}) : answer
    }
  })
  const webhook = operation({
    id: `set${name}Webhook`,
    method: 'POST',
    path: `${base}/webhook` as const,
    tag,
    summary: `Says where the ${kind} is told what happens: the secret key stays as it is.`,
    parts,
    body: { webhookUrl, webhookToken },
    answer: TARGET,
    failures: ['NOT_FOUND', 'INVALID_ADDRESS'],
    run: async ({ services, context, path, body }) => {
      const bearer = bearerOf(path.bearer)
      if (!bearer) return refused('NOT_FOUND')
      const answer = await services.keys.setWebhook(context, bearer, body)
      return answer.done ? done({ webhookUrl: answer.value.url, webhookToken: answer.value.token }) : answer
    }
  })
  return [issue, rotate, revoke, webhook]
}

export const agentKeys = operationsOf('agent', { group: 'agents', tag: 'Agents', type: 'Agent' })
export const merchantKeys = operationsOf('merchant', { group: 'merchants', tag: 'Merchants', type: 'MerchantAccount' })
