/**
 * Goal: an operator hears of a peer that runs low before its packets are rejected, once each time it does.
 * Method: balances around the mark, and the lines of the log.
 */
import { randomUUID } from 'node:crypto'
import { PeerLiquidity } from '../../../src/interledger/connector/peer-liquidity'
import type { LogFacts, Logger } from '../../../src/services/context'
import { ANSWER } from '../../admin-v2/support'
import { Crossing, type Neighbour } from './support'

let crossing: Crossing
const warnings: LogFacts[] = []
const nothing = (): void => undefined
const logger: Logger = { debug: nothing, info: nothing, error: nothing, warn: (facts) => warnings.push(facts) }

beforeAll(async () => {
  crossing = await Crossing.open()
})
afterAll(() => crossing.close())
beforeEach(() => {
  warnings.length = 0
})

function watching(mark: number | undefined): PeerLiquidity {
  return new PeerLiquidity(crossing.node.parts.connector.neighbours, crossing.ledger, logger, mark)
}

async function lowCount(liquidity: PeerLiquidity): Promise<number> {
  const [first] = await liquidity.families.find(({ name }) => name === 'ilp_peers_low')!.read()
  return first!.value
}

async function deposit({ id: peerId }: Neighbour, amount: bigint): Promise<void> {
  const input = { peerId, amount: String(amount), id: randomUUID(), idempotencyKey: randomUUID() }
  const answer = await crossing.node.api.mutate('addPeerLiquidity', 'AddPeerLiquidityInput', input, ANSWER)
  expect(answer).toMatchObject({ code: '200' })
}

test('a peer is warned of when it comes below the mark, in whole units of its asset, and again after it was above', async () => {
  // 100 USD are 10000 cents.
  const liquidity = watching(100)
  const sender = await crossing.neighbour(undefined, { balance: 10_001n })
  const taker = await crossing.neighbour()
  const spend = (amount: bigint): Promise<unknown> =>
    crossing.fulfilled(sender, { amount, destination: `${taker.ilpAddress}.bob` })
  await liquidity.look()
  await spend(1n)
  await liquidity.look()
  expect(warnings).toEqual([])
  await spend(1n)
  await liquidity.look()
  await liquidity.look()
  const warning = { peerId: sender.id, name: null, available: '9999', assetCode: 'USD', assetScale: 2 }
  expect(warnings).toEqual([warning])
  expect(await lowCount(liquidity)).toBe(1)
  await deposit(sender, 1n)
  await liquidity.look()
  expect(await lowCount(liquidity)).toBe(0)
  await spend(1n)
  await liquidity.look()
  expect(warnings).toEqual([warning, warning])
})

test('without a mark nobody is warned of', async () => {
  await crossing.neighbour(undefined, { balance: 0n })
  const liquidity = watching(undefined)
  await liquidity.look()
  expect([warnings, await lowCount(liquidity)]).toEqual([[], 0])
})
