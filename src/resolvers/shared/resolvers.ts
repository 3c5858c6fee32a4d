import type { DependencyContainer, InjectionToken } from 'tsyringe'
import type { ContainerType } from 'type-graphql'

/** Hands out one instance of each resolver class, made when it is first needed. */
export function resolversFrom(container: DependencyContainer): ContainerType {
  const instances = new Map<unknown, unknown>()
  return {
    get: (resolver: InjectionToken<object>) => {
      let instance = instances.get(resolver)
      if (!instance) instances.set(resolver, (instance = container.resolve(resolver)))
      return instance
    }
  }
}
