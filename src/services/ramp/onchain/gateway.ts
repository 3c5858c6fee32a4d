/**
 * The port to the chains. What it is told has been committed: the money is held and the transaction is pending.
 * The rows are the truth: a gateway that starts, or lost a word of this, finds what is pending among them.
 */
import type { RampOnchainTx } from '../../../entities'
import type { RequestContext } from '../../context'

export interface OnchainGateway {
  /** For the operator. */
  readonly name: string
  /** A transaction waits to be sent. Must not throw: whatever fails here, the transaction stays pending. */
  accepted(context: RequestContext, tx: RampOnchainTx): Promise<void>
}

/**
 * Moves no coins. The operator sends each transaction with a wallet of their own, and says afterwards what
 * became of it.
 */
export class ManualGateway implements OnchainGateway {
  readonly name = 'manual'

  accepted({ logger }: RequestContext, { id, network, symbol }: RampOnchainTx): Promise<void> {
    logger.info({ onchainTx: id, network, symbol }, 'a transaction on chain waits for the operator to send it')
    return Promise.resolve()
  }
}
