/** Puts together clients, API keys and sessions. */
import { EntityReader } from '../../database/entity-reader'
import { Reader } from '../../database/reader'
import { UnitOfWork } from '../../database/unit-of-work'
import { ClientService } from '../clients/client-service'
import { Identifiers } from '../identifiers'
import type { Registry } from '../registry'
import { Secrets } from '../secrets'
import { SessionService } from '../sessions/session-service'
import { ApiKeyService } from './api-key-service'
import { GuessLimiter } from './guess-limiter'
import type { CredentialSettings } from './settings'

export function registerCredentials({ register, get }: Registry, settings: CredentialSettings): void {
  register(ClientService, () => new ClientService(get(EntityReader), get(UnitOfWork), get(Identifiers)))
  register(Secrets, () => new Secrets(get(Reader), settings.credentialHashKey))
  register(
    SessionService,
    () => new SessionService(get(Reader), get(UnitOfWork), get(Secrets), settings.sessionLengthMinutes)
  )
  register(ApiKeyService, () => {
    const { guessesPerPaymentPointerMax: perTarget, guessesPerAddressMax: perAddress } = settings
    const limiter = new GuessLimiter({ perTarget, perAddress })
    return new ApiKeyService(get(UnitOfWork), get(Secrets), get(SessionService), limiter, get(Identifiers))
  })
}
