/**
 * The demo's side of the wire to the ramp: the operator routes, the Agent and the Merchant API, and agents that work
 * by themselves, each a process of `examples/agent-bot`.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Unreachable } from './client'
import type { Program } from './own-service'
import { choosePort, SideProgram } from './side-program'

export interface RampLinkOptions {
  /** Of the service, without a path. */
  readonly url: string
  readonly operatorToken?: string
  readonly program: Program
  /** Cuts what is under way. */
  readonly stopping: AbortSignal
}

/** The code of a refusal; the message is the same where the service gives no other. */
export class RampRefused extends Error {
  constructor(readonly code: string) {
    super(code)
  }
}

export interface AgentPlace {
  readonly url: string
  readonly port: number
}

const BOT = join(__dirname, '../../examples/agent-bot/main')
const TIMEOUT_MILLISECONDS = 30_000
const PATHS = { agent: '/cashramp/bot/graphql', merchant: '/cashramp/api/graphql' } as const

interface Refusals {
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[]
}

export class RampLink {
  private readonly bots: SideProgram[] = []
  private folder: string | undefined

  constructor(private readonly options: RampLinkOptions) {}

  /** @throws RampRefused */
  async operator<Value>(path: string, body?: object): Promise<Value> {
    const { operatorToken } = this.options
    const method = body ? 'POST' : 'GET'
    const headers: Record<string, string> = operatorToken ? { authorization: `Bearer ${operatorToken}` } : {}
    return (await this.exchange(`/operator${path}`, method, headers, body)) as Value
  }

  /** Sends a GraphQL document with an API key and gives its root field. @throws RampRefused */
  async ask<Value>(api: keyof typeof PATHS, key: string, query: string, variables: object = {}): Promise<Value> {
    const headers = { authorization: `Bearer ${key}` }
    const { data } = (await this.exchange(PATHS[api], 'POST', headers, { query, variables })) as {
      data: Record<string, Value>
    }
    return Object.values(data)[0]!
  }

  /** Where an agent will listen once it is started. */
  async chooseAgentPlace(): Promise<AgentPlace> {
    const port = await choosePort()
    return { port, url: `http://127.0.0.1:${port}` }
  }

  async startAgent({ port }: AgentPlace, key: string, token: string): Promise<void> {
    this.folder ??= await mkdtemp(join(tmpdir(), 'hazina-demo-agents-'))
    const bot = await SideProgram.start({
      name: 'the agent',
      program: { ...this.options.program, file: BOT },
      args: ['--port', String(port), '--till', join(this.folder, `${port}.jsonl`), '--poll', '1'],
      env: { AGENT_API_URL: this.options.url + PATHS.agent, AGENT_API_KEY: key, AGENT_WEBHOOK_TOKEN: token },
      sign: 'The agent listens'
    })
    this.bots.push(bot)
  }

  /** A customer's money comes to an agent, outside the service. */
  async payAgent({ url }: AgentPlace, orderId: string, amount: string, currency: string): Promise<void> {
    await this.fetch(`${url}/till/receive`, 'POST', {}, { orderId, amount, currency })
  }

  /** Stops the agents and removes their tills. */
  async close(): Promise<void> {
    await Promise.all(this.bots.splice(0).map((bot) => bot.stop()))
    if (this.folder !== undefined) await rm(this.folder, { recursive: true, force: true })
  }

  private async exchange(
    path: string,
    method: string,
    headers: Readonly<Record<string, string>>,
    body?: object
  ): Promise<unknown> {
    const response = await this.fetch(this.options.url + path, method, headers, body)
    const answer = (await response.json().catch(() => undefined)) as Refusals | undefined
    const refusal = answer?.errors?.[0]
    if (refusal) throw new RampRefused(refusal.extensions?.code ?? refusal.message)
    if (!response.ok || answer === undefined) {
      throw new Unreachable(this.options.url, `answers ${response.status} at ${path}`)
    }
    return answer
  }

  private async fetch(
    url: string,
    method: string,
    headers: Readonly<Record<string, string>>,
    body?: object
  ): Promise<Response> {
    const signal = AbortSignal.any([this.options.stopping, AbortSignal.timeout(TIMEOUT_MILLISECONDS)])
    const type: Record<string, string> = body ? { 'content-type': 'application/json' } : {}
    try {
      return await fetch(url, { method, headers: { ...type, ...headers }, body: body && JSON.stringify(body), signal })
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error)
      throw new Unreachable(url, `does not answer (${cause})`, error)
    }
  }
}
