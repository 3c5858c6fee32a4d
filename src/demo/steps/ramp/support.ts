/** What the steps of a ramp have in common. */
import { formatAmount, type AssetUnit } from '../../amount'
import type { Answer, Client } from '../../client'
import type { Place } from '../../problem'
import { RampRefused, type AgentPlace, type RampLink } from '../../ramp-link'
import type { Thing, ThingKind } from '../../scope'

export const USD: AssetUnit = { code: 'USD', scale: 6 }

/** What is known of a thing of the ramp beside its id, once its step was done. */
interface Facts {
  key: string
  place: AgentPlace
  paymentMethod: string
  reference: string
  shop: Thing
}
const FACTS = new WeakMap<Thing, Partial<Facts>>()

export function fact<Name extends keyof Facts>(thing: Thing, name: Name): Facts[Name] {
  const value = FACTS.get(thing)?.[name]
  if (value === undefined) throw new Error(`${thing.name} has no ${name}`)
  return value as Facts[Name]
}

export function remember(thing: Thing, id: string, facts: Partial<Facts>): void {
  thing.id = id
  FACTS.set(thing, { ...FACTS.get(thing), ...facts })
}

export function thing(kind: ThingKind, name: string, place: Place): Thing {
  return { kind, name, place, asset: USD, id: undefined }
}

/** Runs against the ramp; a refusal is its answer. */
export async function onRamp(client: Client, work: (ramp: RampLink) => Promise<string>): Promise<Answer> {
  if (!client.ramp) throw new Error('a step that needs a ramp is run with one')
  try {
    return { code: '200', message: await work(client.ramp) }
  } catch (error) {
    if (!(error instanceof RampRefused)) throw error
    return { code: '400', error: error.code, message: error.code }
  }
}

/** Without zeros that say nothing. */
export function shown(value: bigint): string {
  return `${plain(decimal(value, USD))} USD`
}

export function plain(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}

/** As the ramp takes amounts. */
export function decimal(value: bigint, unit: AssetUnit): string {
  return formatAmount(value, unit).split(' ')[0]!
}
