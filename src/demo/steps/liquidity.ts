import { formatAmount } from '../amount'
import { mutate, type Client } from '../client'
import { amount, optional, reference, text, transfer, transferId, type WrittenAmount } from '../fields'
import type { Scope, Thing } from '../scope'
import { stepKind, type Site, type Step, type StepKind } from '../step'

interface Movement {
  readonly holder: Thing
  readonly amount: WrittenAmount
  readonly id: string | undefined
  readonly idempotencyKey: string | undefined
}

const movementFields = {
  amount: amount('how much'),
  id: optional(
    transferId('of the transfer, a version 4 UUID or the name of an earlier transfer; generated unless given')
  ),
  idempotencyKey: optional(text('generated unless given'))
}

export const deposit = stepKind({
  name: 'deposit',
  summary: 'adds liquidity to an asset or a peer',
  fields: { to: reference('an asset or a peer', 'asset', 'peer'), ...movementFields },
  prepare({ to, ...values }, scope, site) {
    const document =
      to.kind === 'asset'
        ? mutation('addAssetLiquidity', 'AddAssetLiquidityInput')
        : mutation('addPeerLiquidity', 'AddPeerLiquidityInput')
    return movement('deposit', `to ${to.name}`, document, { holder: to, ...values }, scope, site)
  }
})

export const withdraw = stepKind({
  name: 'withdraw',
  summary: 'holds liquidity of an asset or a peer for a withdrawal, until post or void',
  fields: { from: reference('an asset or a peer', 'asset', 'peer'), ...movementFields },
  prepare({ from, ...values }, scope, site) {
    const document =
      from.kind === 'asset'
        ? mutation('createAssetLiquidityWithdrawal', 'CreateAssetLiquidityWithdrawalInput')
        : mutation('createPeerLiquidityWithdrawal', 'CreatePeerLiquidityWithdrawalInput')
    return movement('withdraw', `from ${from.name}`, document, { holder: from, ...values }, scope, site)
  }
})

export const post = resolution(
  'post',
  'makes a withdrawal final',
  'postLiquidityWithdrawal',
  'PostLiquidityWithdrawalInput'
)
export const voidWithdrawal = resolution(
  'void',
  'gives a held withdrawal back',
  'voidLiquidityWithdrawal',
  'VoidLiquidityWithdrawalInput'
)

const BALANCE = {
  asset: `query Liquidity($id: String!) { asset(id: $id) { liquidity } }`,
  peer: `query Liquidity($id: String!) { peer(id: $id) { liquidity } }`
}

export const balance = stepKind({
  name: 'balance',
  summary: 'reads the liquidity of an asset or a peer, and compares it if told to',
  fields: { of: reference('an asset or a peer', 'asset', 'peer'), is: optional(amount('what it must be')) },
  prepare({ of, is }) {
    const expected = is?.in(of.asset)
    return {
      title: `balance of ${of.name}`,
      async run(client) {
        const found = await readBalance(client, of)
        if (typeof found === 'string') return { code: undefined, message: found }
        const shown = formatAmount(found, of.asset)
        const problem =
          expected === undefined || expected === found ? undefined : `expected ${formatAmount(expected, of.asset)}`
        return { code: '200', message: shown, problem }
      }
    }
  }
})

/** The available balance, or the service's reason for having none. */
export async function readBalance(client: Client, holder: Thing): Promise<bigint | string> {
  const { data, errors } = await client.send(BALANCE[holder.kind as 'asset' | 'peer'], { id: holder.id })
  const found = data?.[holder.kind] as { liquidity: string | null } | null | undefined
  return found?.liquidity ? BigInt(found.liquidity) : (errors[0] ?? 'no answer')
}

function mutation(field: string, inputType: string): string {
  return `mutation($input: ${inputType}!) { ${field}(input: $input) { code message error } }`
}

function movement(
  kind: 'deposit' | 'withdraw',
  where: string,
  document: string,
  values: Movement,
  scope: Scope,
  site: Site
): Step {
  const { holder } = values
  const value = values.amount.in(holder.asset)
  const id = values.id ?? scope.newId()
  const rest = { amount: value.toString(), id, idempotencyKey: values.idempotencyKey ?? scope.newId() }
  const ownerField = holder.kind === 'asset' ? 'assetId' : 'peerId'
  return {
    title: `${kind} ${formatAmount(value, holder.asset)} ${where}`,
    makes: { kind, name: site.name, place: site.place, asset: holder.asset, id },
    run: (client) => mutate(client, document, { [ownerField]: holder.id, ...rest }, () => `id ${id}`)
  }
}

function resolution(name: string, summary: string, field: string, inputType: string): StepKind {
  return stepKind({
    name,
    summary,
    fields: {
      withdrawal: transfer('the name of an earlier withdrawal, or an id'),
      idempotencyKey: optional(text('generated unless given'))
    },
    prepare({ withdrawal, idempotencyKey }, scope) {
      const input = { withdrawalId: withdrawal.id, idempotencyKey: idempotencyKey ?? scope.newId() }
      return { title: `${name} ${withdrawal.name}`, run: (client) => mutate(client, mutation(field, inputType), input) }
    }
  })
}
