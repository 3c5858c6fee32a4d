import type { InjectionToken } from 'tsyringe'

/** Where services are put together: one instance of each is made, when it is first asked for. */
export interface Registry {
  register<Service>(token: InjectionToken<Service>, make: () => Service): void
  get<Service>(token: InjectionToken<Service>): Service
}
