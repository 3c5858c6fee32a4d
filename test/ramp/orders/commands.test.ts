/**
 * Goal: whatever agents, merchants, customers, the operator and time do to orders, in whatever order and however
 * many at once, and whichever answers are lost, the money stays where it belongs.
 * Method: random commands over 5 agents and 3 merchants. Some commit and then lose their answer; whoever asked asks
 * again and must get what was done. Every invariant is checked after every command, or beside concurrent ones. A
 * failure names its seed, which HAZINA_TEST_SEED replays.
 */
import fc from 'fast-check'
import { Ledger } from '../../../src/ledger/ledger'
import { LedgerOutcomeUnknown } from '../../../src/ledger/types'
import type { RampAnswer } from '../../../src/services/ramp/failures'
import type { PlacedOrder } from '../../../src/services/ramp/orders/inputs'
import { minutes, Scene, type TestAgent, type TestMerchant } from './scene'

const COMMANDS_MAX = 200
const CLIENTS = 32
const { HAZINA_TEST_SEED } = process.env
const SEED = HAZINA_TEST_SEED === undefined ? undefined : Number(HAZINA_TEST_SEED)

const KINDS = [
  'deposit',
  'withdrawal',
  'hosted',
  'pickUp',
  'cancelHosted',
  'markDepositPaid',
  'markDepositReceived',
  'cancelDeposit',
  'acceptWithdrawal',
  'cancelWithdrawal',
  'markWithdrawalPaid',
  'markWithdrawalReceived',
  'resolve',
  'liquidity',
  'credit',
  'time'
] as const
type Kind = (typeof KINDS)[number]

interface Step {
  readonly kind: Kind
  /** Chooses whose, and of which order. */
  readonly pick: number
  readonly amount: number
  readonly isLost: boolean
}

const step = (kinds: readonly Kind[]): fc.Arbitrary<Step> =>
  fc.record({
    kind: fc.constantFrom(...kinds),
    pick: fc.nat(1_000_000),
    amount: fc.integer({ min: 2, max: 60 }),
    isLost: fc.boolean()
  })

/** Once asked again, these say that it cannot be done a second time: what an operator took from an agent is another's. */
const SAID_ONCE: readonly Kind[] = ['cancelHosted', 'pickUp', 'resolve']

class Play {
  private readonly placed: PlacedOrder[] = []
  private readonly pages: { id: string; merchant: TestMerchant }[] = []
  private references = 0

  private constructor(
    private readonly scenes: readonly Scene[],
    private readonly agents: readonly TestAgent[],
    private readonly merchants: readonly TestMerchant[]
  ) {}

  static async open(instances: number): Promise<Play> {
    const scene = await Scene.open()
    const scenes = [scene]
    while (scenes.length < instances) scenes.push(await scene.twin())
    const agents: TestAgent[] = []
    for (const [index, creditLine] of ['', '30', '', '10', '50'].entries()) {
      const rates = [`${1_545 + index * 5}`, `${1_525 + index}`] as const
      agents.push(await scene.agent({ rates, usd: `${40 + 20 * index}`, liquidity: '200000', creditLine }))
    }
    const merchants = [await scene.merchant('500'), await scene.merchant('60'), await scene.merchant('0')]
    return new Play(scenes, agents, merchants)
  }

  async close(): Promise<void> {
    for (const scene of [...this.scenes].reverse()) await scene.close()
  }

  findings(): Promise<unknown[]> {
    return this.scenes[0]!.findings()
  }

  /** A command, and if its answer was lost the same once more. */
  async take(one: Step, instance: number): Promise<void> {
    const scene = this.scenes[instance % this.scenes.length]!
    const command = this.command(scene, one)
    if (!command) return
    const forget = one.isLost ? loseAnswer(scene) : undefined
    try {
      await command()
      forget?.()
    } catch (error) {
      if (!(error instanceof LedgerOutcomeUnknown)) throw error
      const again = await command()
      const isDone = again === undefined || again.done || SAID_ONCE.includes(one.kind)
      // Somebody else may have taken the order further in between, but only where others are about.
      if (!isDone && this.scenes.length === 1)
        throw new Error(`${one.kind} was done, and then refused: ${again.failure}`)
    }
  }

  private command(
    scene: Scene,
    { kind, pick, amount }: Step
  ): (() => Promise<RampAnswer<unknown> | undefined>) | undefined {
    const { orders, context } = scene
    const merchant = this.merchants[pick % this.merchants.length]!
    const agent = this.agents[pick % this.agents.length]!
    const order = this.placed[pick % Math.max(1, this.placed.length)]
    const page = this.pages[pick % Math.max(1, this.pages.length)]
    switch (kind) {
      case 'deposit':
      case 'withdrawal':
        return this.placing(scene, merchant, kind, amount)
      case 'hosted':
        return this.opening(scene, merchant, pick, amount)
      case 'credit':
        return () => scene.parties.agents.grantCredit(context, agent.id, BigInt(amount) * 1_000_000n)
      case 'liquidity':
        return async () => {
          await scene.declare(agent, String(amount * 5_000))
          return undefined
        }
      case 'time':
        return async () => {
          await scene.passTime(minutes(amount % 7 === 0 ? 24 * 60 : amount / 4))
          return undefined
        }
      case 'pickUp':
        return page && (() => this.pickUp(scene, page.id))
      case 'cancelHosted':
        return page && (() => orders.cancelHosted(context, page.merchant.id, page.id))
      default:
        return order && this.moving(scene, kind, order, amount)
    }
  }

  private moving(
    { orders, context }: Scene,
    kind: Kind,
    { request, payment }: PlacedOrder,
    amount: number
  ): () => Promise<RampAnswer<unknown> | undefined> {
    const side = { kind: 'merchant', id: request.merchantId } as const
    const mine = async (
      act: (agentId: string, id: string) => Promise<RampAnswer<unknown>>
    ): Promise<RampAnswer<unknown>> => {
      const id = (await orders.find(request.id))!.paymentId!
      return act((await orders.findPayment(id))!.agentId, id)
    }
    const methodOf = (agentId: string): string => this.agents.find(({ id }) => id === agentId)!.method.id
    switch (kind) {
      case 'markDepositPaid':
        return () => orders.markDepositPaid(context, side, request.id)
      case 'cancelDeposit':
        return () => orders.cancelDeposit(context, side, request.id)
      case 'markWithdrawalReceived':
        return () => orders.markWithdrawalReceived(context, side, request.id)
      case 'resolve':
        return () => orders.resolve(context, request.id, amount % 2 === 0 ? 'completed' : 'canceled')
      case 'markDepositReceived':
        return () => orders.markDepositReceived(context, payment.agentId, payment.id)
      case 'acceptWithdrawal':
        return () => mine((agentId, id) => orders.acceptWithdrawal(context, agentId, id))
      case 'cancelWithdrawal': {
        // The same assignment when it is asked again, not the next one.
        let first: Promise<[string, string]> | undefined
        return async () => {
          first ??= mineOf(orders, request.id)
          const [agentId, id] = await first
          return orders.cancelWithdrawal(context, agentId, id)
        }
      }
      default:
        return () => mine((agentId, id) => orders.markWithdrawalPaid(context, agentId, id, methodOf(agentId)))
    }
  }

  private placing(
    scene: Scene,
    merchant: TestMerchant,
    direction: 'deposit' | 'withdrawal',
    amount: number
  ): () => Promise<RampAnswer<unknown> | undefined> {
    const reference = `order ${this.references++}`
    let quoteId: string | undefined
    return async () => {
      if (quoteId === undefined) {
        const quote = await scene.quote(merchant, direction, String(amount))
        if (!quote.done) return quote
        quoteId = quote.value.id
      }
      const answer =
        direction === 'deposit'
          ? await scene.orders.initiateDeposit(scene.context, merchant.id, { quoteId, reference })
          : await scene.initiateWithdrawal(merchant, quoteId, reference)
      if (answer.done) this.placed.push(answer.value)
      return answer
    }
  }

  private opening(
    scene: Scene,
    merchant: TestMerchant,
    pick: number,
    amount: number
  ): () => Promise<RampAnswer<unknown> | undefined> {
    const reference = `page ${this.references++}`
    const paymentType = pick % 2 === 0 ? 'deposit' : 'withdrawal'
    const person = { firstName: 'Ada', lastName: 'Obi', email: `ada${pick % 3}@example.com` }
    const wish = { ...person, paymentType, amount: String(amount), countryCode: 'NG', reference } as const
    return async () => {
      const answer = await scene.orders.initiateHosted(scene.context, merchant.id, wish)
      if (answer.done) this.pages.push({ id: answer.value.id, merchant })
      return answer
    }
  }

  private async pickUp(scene: Scene, requestId: string): Promise<RampAnswer<unknown>> {
    const fields = [
      { identifier: 'account_name', value: 'Ada Obi' },
      { identifier: 'account_number', value: '1112223334' },
      { identifier: 'bank_name', value: 'Second Bank' }
    ]
    const answer = await scene.orders.pickUp(scene.context, requestId, { paymentMethodType: 'bank_transfer', fields })
    if (answer.done) this.placed.push(answer.value)
    return answer
  }
}

async function mineOf(orders: Scene['orders'], requestId: string): Promise<[string, string]> {
  const id = (await orders.find(requestId))!.paymentId!
  return [(await orders.findPayment(id))!.agentId, id]
}

/** The next submission of this instance that the ledger does not refuse is committed, and nobody is told. */
function loseAnswer(scene: Scene): () => void {
  const ledger = scene.parties.api.container.resolve(Ledger)
  const original = ledger.submit.bind(ledger)
  const restore = (): void => {
    ledger.submit = original
  }
  ledger.submit = async (submission) => {
    const outcome = await original(submission)
    // What was refused has not been done: that answer arrives.
    if (outcome.results.some((result) => result !== 'ok')) return outcome
    restore()
    throw new LedgerOutcomeUnknown(new Error('the process died'))
  }
  return restore
}

test(`case 53: ${COMMANDS_MAX} random commands with lost answers leave everything in order`, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step(KINDS), { minLength: COMMANDS_MAX, maxLength: COMMANDS_MAX }), async (steps) => {
      const play = await Play.open(1)
      try {
        for (const one of steps) {
          await play.take(one, 0)
          expect(await play.findings()).toEqual([])
        }
      } finally {
        await play.close()
      }
    }),
    { numRuns: 1, endOnFailure: true, seed: SEED }
  )
}, 240_000)

test(`case 53: ${CLIENTS} clients at once on two instances leave everything in order`, async () => {
  const kinds = KINDS.filter((kind) => kind !== 'time')
  const shape = { minLength: CLIENTS * 12, maxLength: CLIENTS * 12 }
  await fc.assert(
    fc.asyncProperty(fc.array(step(kinds), shape), async (steps) => {
      const play = await Play.open(2)
      try {
        const left = [...steps]
        const client = async (instance: number): Promise<void> => {
          for (let one = left.shift(); one; one = left.shift()) await play.take({ ...one, isLost: false }, instance)
        }
        const clients = Array.from({ length: CLIENTS }, (_, index) => client(index))
        const working = Promise.all(clients).then(() => true)
        // The report is also right beside running commands.
        while (!(await Promise.race([working, Promise.resolve(false)]))) expect(await play.findings()).toEqual([])
        expect(await play.findings()).toEqual([])
      } finally {
        await play.close()
      }
    }),
    { numRuns: 1, endOnFailure: true, seed: SEED }
  )
}, 240_000)
