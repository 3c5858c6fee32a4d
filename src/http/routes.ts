/** Which handler answers which path. */
import type { Exchange } from './exchange'

export interface Route {
  /** An exact path, or with `/*` at its end everything below it. */
  readonly path: string
  /** The methods that it answers; all of them, if it judges for itself. */
  readonly methods?: readonly string[]
  /** Whether the rest of the path is as good as a key: the log then has the path of the route alone. */
  readonly hidesPath?: boolean
  /** Answers, now or later. What it throws is answered as a failure or, if unexpected, masked and logged. */
  handle(exchange: Exchange): void | Promise<void>
}

/** For what is only looked at. */
export const READING = ['GET', 'HEAD'] as const

export class RouteTable {
  private readonly exact = new Map<string, Route>()
  private readonly below: { readonly prefix: string; readonly route: Route }[] = []

  constructor(routes: readonly Route[]) {
    for (const route of routes) {
      if (route.path.endsWith('/*')) this.below.push({ prefix: route.path.slice(0, -1), route })
      else if (this.exact.has(route.path)) throw new Error(`two routes have the path ${route.path}`)
      else this.exact.set(route.path, route)
    }
    // The longest prefix answers.
    this.below.sort((one, other) => other.prefix.length - one.prefix.length)
  }

  find(path: string): Route | undefined {
    return this.exact.get(path) ?? this.below.find(({ prefix }) => path.startsWith(prefix))?.route
  }
}
