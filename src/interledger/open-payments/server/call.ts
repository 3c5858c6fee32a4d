import type { PaymentPointer } from '../../../entities'
import type { RequestContext } from '../../../services/context'
import type { Permission } from './guard'
import type { ValidRequest } from './validation'

/** A request that passed every check that operations have in common. */
export interface Call extends ValidRequest {
  readonly context: RequestContext
  readonly pointer: PaymentPointer
  readonly permission: Permission
  /** The last id in the path; of any form. */
  readonly id: string
}
