/** What failures of use cases about payments are called in this API. */
import type { IncomingPaymentFailure } from '../../services/payments/incoming/inputs'
import type { ReceiverFailure } from '../../services/payments/receivers/receiver-source'
import type { FailureLabel } from './failures'

export const INCOMING_PAYMENT_FAILURES: Readonly<Record<IncomingPaymentFailure, FailureLabel>> = {
  invalid_expiry: { code: '400', message: 'invalid expiresAt' },
  invalid_amount: { code: '400', message: 'invalid amount' },
  unknown_payment_pointer: { code: '404', message: 'unknown payment pointer' },
  inactive_payment_pointer: { code: '400', message: 'inactive payment pointer' }
}

export const RECEIVER_FAILURES: Readonly<Record<ReceiverFailure, FailureLabel>> = {
  ...INCOMING_PAYMENT_FAILURES,
  remote_refused: { code: '500', message: 'invalid remote incoming payment request' },
  remote_grant_unusable: { code: '500', message: 'invalid remote grant' },
  remote_unreachable: { code: '500', message: 'Error trying to create receiver' }
}
