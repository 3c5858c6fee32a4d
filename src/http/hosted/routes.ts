/**
 * The page of an order, and what its customer says about it. Whoever has the id of an order may see it and act for
 * its customer; nothing else is asked for, so ids of other kinds of orders, of other things, and of nothing are all
 * the same here.
 */
import type { RootLogger } from '../../logging'
import { createRequestContext, type RequestContext } from '../../services/context'
import { BUSY, BUSY_DETAIL, isBusy } from '../../services/ramp/busy'
import type { RampFailure } from '../../services/ramp/failures'
import { parseGlobalId } from '../../services/ramp/global-ids'
import type { HostedPages } from '../../services/ramp/hosted/hosted-pages'
import type { HostedView } from '../../services/ramp/hosted/hosted-view'
import { JSON_TYPE, type Exchange } from '../exchange'
import { Failure } from '../failure'
import { detailOf, STATUS } from '../operator/failures'
import { cameInPrivate, TLS_REQUIRED } from '../ramp-access'
import type { Route } from '../routes'
import { assetRoute } from './assets'
import { COMMANDS, isForm, pickUpOf, readContent, receiptOf, type Command, type Content } from './commands'
import { HostedLimiter, type HostedLimits } from './limits'
import { messagePage, orderPage } from './page'

export interface HostedRoutesOptions {
  /** What the paths start with. */
  readonly path: string
  readonly pages: HostedPages
  readonly limits: HostedLimits
  /** Whether requests over plain HTTP are taken from elsewhere than this machine. */
  readonly takesPlaintext: boolean
  readonly logger: RootLogger
  readonly now: () => Date
}

export function hostedRoutes(options: HostedRoutesOptions): Route[] {
  const endpoint = new HostedEndpoint(options)
  return [
    {
      path: `${options.path}/pay/*`,
      methods: ['GET', 'HEAD', 'POST'],
      // Whoever has the id of an order may act for its customer.
      hidesPath: true,
      handle: (exchange) => endpoint.handle(exchange)
    },
    assetRoute(`${options.path}/assets`)
  ]
}

const BODY_BYTES_MAX = 16_384
const HTML_TYPE = 'text/html; charset=utf-8'

/** Nothing runs, loads or is sent anywhere that this service did not send itself. */
const POLICY = [
  `default-src 'none'`,
  `script-src 'self'`,
  `style-src 'self'`,
  `img-src 'self'`,
  `connect-src 'self'`,
  `form-action 'self'`,
  `base-uri 'none'`,
  `frame-ancestors 'none'`
].join('; ')

/** The address of a page is what opens it, so nobody is told where a customer came from. */
const PAGE_HEADERS = [
  ...['content-security-policy', POLICY],
  ...['referrer-policy', 'no-referrer'],
  ...['x-frame-options', 'DENY'],
  ...['cross-origin-opener-policy', 'same-origin'],
  ...['permissions-policy', 'camera=(), geolocation=(), microphone=(), payment=()'],
  ...['vary', 'accept']
]

const METHOD_NOT_ALLOWED = new Failure('METHOD_NOT_ALLOWED', 'The path answers other methods')

interface Refusal {
  readonly status: number
  readonly code: string
  readonly detail: string
  readonly waitSeconds?: number
}

interface Wish {
  readonly exchange: Exchange
  readonly context: RequestContext
  /** UUID. */
  readonly orderId: string
}

class HostedEndpoint {
  private readonly limiter: HostedLimiter
  private readonly assets: string

  constructor(private readonly options: HostedRoutesOptions) {
    this.limiter = new HostedLimiter(options.limits)
    this.assets = `${options.path}/assets`
  }

  async handle(exchange: Exchange): Promise<void> {
    try {
      if (!this.options.takesPlaintext && !cameInPrivate(exchange)) throw TLS_REQUIRED
      const refusal = await this.answer(exchange)
      if (refusal) await this.refuse(exchange, refusal)
    } catch (error) {
      if (isBusy(error)) return this.refuse(exchange, { status: 503, code: BUSY, detail: BUSY_DETAIL, waitSeconds: 1 })
      if (!(error instanceof Failure)) throw error
      await this.refuse(exchange, { status: error.status, code: error.code, detail: error.message })
    }
  }

  private async answer(exchange: Exchange): Promise<Refusal | undefined> {
    const waitSeconds = await this.limiter.request(exchange)
    if (waitSeconds !== undefined) return tooMany(waitSeconds)
    const { orderId, command } = this.partsOf(exchange)
    if (orderId === undefined) return refusalOf('INVALID_GLOBAL_ID')
    const { logger, now } = this.options
    const wish = { exchange, context: createRequestContext(exchange.requestId, logger, now), orderId }
    const isPost = exchange.request.method === 'POST'
    if (isPost !== (command !== undefined)) throw METHOD_NOT_ALLOWED
    return command === undefined ? this.show(wish) : this.command(wish, command)
  }

  private async show(wish: Wish): Promise<Refusal | undefined> {
    const view = await this.options.pages.view(wish.context, wish.orderId)
    if (!view) return refusalOf('NOT_FOUND')
    if (wantsPage(wish.exchange)) this.sendPage(wish.exchange, 200, view)
    else this.sendView(wish.exchange, view)
    return undefined
  }

  private async command(wish: Wish, command: Command): Promise<Refusal | undefined> {
    const { exchange, context, orderId } = wish
    const { pages } = this.options
    if (!(await pages.has(orderId))) return refusalOf('NOT_FOUND')
    const waitSeconds = await this.limiter.command(orderId)
    if (waitSeconds !== undefined) return tooMany(waitSeconds)
    const type = exchange.header('content-type')
    const answer = await this.run(wish, command, readContent(await exchange.readBody(BODY_BYTES_MAX), type))
    if (answer !== undefined) return refusalOf(answer)
    // A form leaves the page; the customer is sent back to it, and reloading it says nothing twice.
    if (isForm(type)) exchange.send(303, '', HTML_TYPE, ['location', this.pageOf(exchange), ...PAGE_HEADERS])
    else this.sendView(exchange, (await pages.view(context, orderId))!)
    return undefined
  }

  /** Why it was refused, if it was. */
  private async run({ context, orderId }: Wish, command: Command, content: Content): Promise<RampFailure | undefined> {
    const { pages } = this.options
    switch (command) {
      case 'pick_up':
        return failureOf(await pages.pickUp(context, orderId, pickUpOf(content)))
      case 'paid':
        return failureOf(await pages.markPaid(context, orderId, receiptOf(content)))
      case 'received':
        return failureOf(await pages.markReceived(context, orderId))
      case 'cancel':
        return failureOf(await pages.cancel(context, orderId))
    }
  }

  private partsOf({ path }: Exchange): { readonly orderId: string | undefined; readonly command: Command | undefined } {
    const [id = '', name, ...more] = path.slice(`${this.options.path}/pay/`.length).split('/')
    const command = COMMANDS.find((known) => known === name)
    if (more.length > 0 || command !== name) throw new Failure('NOT_FOUND', 'Nothing is served at this path')
    return { orderId: parseGlobalId('Types::Cashramp::API::MerchantPaymentRequest', decoded(id)), command }
  }

  /** The page, from the path of a command on it. */
  private pageOf({ path }: Exchange): string {
    const [id] = path.slice(`${this.options.path}/pay/`.length).split('/')
    return `${this.options.path}/pay/${id}`
  }

  private sendView(exchange: Exchange, view: HostedView): void {
    exchange.send(200, JSON.stringify(view), JSON_TYPE, ['vary', 'accept'])
  }

  private sendPage(exchange: Exchange, status: number, view: HostedView, refusal?: string): void {
    const page = orderPage(view, { path: this.pageOf(exchange), assets: this.assets, refusal })
    exchange.send(status, page, HTML_TYPE, PAGE_HEADERS)
  }

  private async refuse(exchange: Exchange, { status, code, detail, waitSeconds }: Refusal): Promise<void> {
    const wait = waitSeconds === undefined ? [] : ['retry-after', String(waitSeconds)]
    if (!wantsPage(exchange)) {
      const errors = [{ message: code, extensions: { code, detail } }]
      return exchange.send(status, JSON.stringify({ errors }), JSON_TYPE, ['vary', 'accept', ...wait])
    }
    const view =
      exchange.request.method === 'POST' && waitSeconds === undefined ? await this.viewOf(exchange) : undefined
    if (view) return this.sendPage(exchange, status, view, detail)
    const title = status === 404 ? 'There is no such order' : 'That did not work'
    exchange.send(status, messagePage(title, detail, this.assets), HTML_TYPE, [...PAGE_HEADERS, ...wait])
  }

  /** The order that a refused form was about. */
  private async viewOf(exchange: Exchange): Promise<HostedView | undefined> {
    const { path, logger, now, pages } = this.options
    const [id = ''] = exchange.path.slice(`${path}/pay/`.length).split('/')
    const orderId = parseGlobalId('Types::Cashramp::API::MerchantPaymentRequest', decoded(id))
    if (orderId === undefined) return undefined
    return pages.view(createRequestContext(exchange.requestId, logger, now), orderId)
  }
}

function failureOf(answer: { done: true } | { done: false; failure: RampFailure }): RampFailure | undefined {
  return answer.done ? undefined : answer.failure
}

function refusalOf(code: RampFailure): Refusal {
  return { status: STATUS[code], code, detail: detailOf(code) }
}

function tooMany(waitSeconds: number): Refusal {
  return {
    status: 429,
    code: 'TOO_MANY_REQUESTS',
    detail: `Too many requests; try again in ${waitSeconds} seconds.`,
    waitSeconds
  }
}

/** A browser asks for HTML by name; a program does not. */
function wantsPage(exchange: Exchange): boolean {
  return /\btext\/html\b/i.test(exchange.header('accept') ?? '')
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
