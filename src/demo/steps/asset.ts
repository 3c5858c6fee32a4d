import { mutate, type Answer, type Client } from '../client'
import { amount, flag, optional, text, whole } from '../fields'
import type { Thing } from '../scope'
import { stepKind } from '../step'

const CREATE = `mutation CreateAsset($input: CreateAssetInput!) {
  createAsset(input: $input) { code message asset { id } }
}`

const PAGE = `query Assets($after: String) {
  assets(first: 100, after: $after) { edges { node { id code scale } } pageInfo { endCursor hasNextPage } }
}`

export const asset = stepKind({
  name: 'asset',
  summary: 'creates an asset: a unit of account, say US dollars in cents',
  fields: {
    code: text('code, such as USD'),
    scale: whole('decimal places of a unit, 2 for cents', 0n, 255n),
    withdrawalThreshold: optional(amount('balance from which a payment pointer announces its money')),
    reuse: optional(flag('use the asset if it is already there')),
    idempotencyKey: optional(text('generated unless given'))
  },
  prepare({ code, scale, withdrawalThreshold, reuse, idempotencyKey }, scope, { name, place }) {
    const unit = { code, scale }
    const makes: Thing = { kind: 'asset', name, place, asset: unit, id: undefined }
    const input = {
      code,
      scale,
      withdrawalThreshold: withdrawalThreshold?.in(unit).toString(),
      idempotencyKey: idempotencyKey ?? scope.newId()
    }
    return {
      title: `asset ${name}: ${code} with ${scale} decimal places`,
      makes,
      async run(client) {
        const answer = await mutate(client, CREATE, input, ({ asset }) => remember(makes, asset))
        return reuse && answer.code === '409' ? find(client, makes) : answer
      }
    }
  }
})

/** Keeps the id of what was made. */
export function remember(thing: Thing, made: unknown): string | undefined {
  const id = (made as { id: string } | null | undefined)?.id
  if (id === undefined) return undefined
  thing.id = id
  return `id ${id}`
}

interface Page {
  readonly edges: readonly { readonly node: { readonly id: string; readonly code: string; readonly scale: number } }[]
  readonly pageInfo: { readonly endCursor: string | null; readonly hasNextPage: boolean }
}

async function find(client: Client, thing: Thing): Promise<Answer> {
  for (let after: string | null = null; ;) {
    const { data, errors } = await client.send(PAGE, { after })
    const page = data?.['assets'] as Page | undefined
    if (!page) return { code: undefined, message: errors[0] ?? 'no answer' }
    const found = page.edges.find(({ node }) => node.code === thing.asset.code && node.scale === thing.asset.scale)
    if (found) return { code: '200', message: 'Already there', details: remember(thing, found.node) }
    if (!page.pageInfo.hasNextPage) return { code: '404', message: 'The asset exists and is not listed' }
    after = page.pageInfo.endCursor
  }
}
