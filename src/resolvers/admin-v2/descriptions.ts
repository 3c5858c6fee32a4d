export const IDEMPOTENCY_KEY =
  'Repeating a request with the same key and the same arguments gets the first answer again and does nothing. Keys are global and kept for a day.'
