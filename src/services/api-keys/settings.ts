/** What an operator can set of API keys and the sessions they open. */
export interface CredentialSettings {
  /** Key of the hashes that API keys and sessions are stored as. Unset: one that is kept in the database. */
  readonly credentialHashKey?: string
  /** How long a session lives after it was opened or refreshed. */
  readonly sessionLengthMinutes: number
  /** Failed guesses a minute at one payment pointer. */
  readonly guessesPerPaymentPointerMax: number
  /** Failed guesses a minute from one address. */
  readonly guessesPerAddressMax: number
}
