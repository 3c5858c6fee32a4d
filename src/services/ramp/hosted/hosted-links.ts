import type { RampRequest } from '../../../entities'
import { globalId } from '../global-ids'

export interface HostedLinkSettings {
  /** What links start with, as customers reach the service. */
  readonly rampPublicUrl: string
  /** What the paths of the pages start with. */
  readonly hostedPath: string
}

/** Where the pages of orders are. */
export class HostedLinks {
  constructor(private readonly settings: HostedLinkSettings) {}

  /** The page of an order; null for one that was placed without a page. */
  of({ id, source }: Pick<RampRequest, 'id' | 'source'>): string | null {
    return source === 'hosted' ? this.page(id) : null
  }

  private page(requestId: string): string {
    const { rampPublicUrl, hostedPath } = this.settings
    return `${rampPublicUrl}${hostedPath}/pay/${globalId('Types::Cashramp::API::MerchantPaymentRequest', requestId)}`
  }
}
