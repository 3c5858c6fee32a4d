/** What can be said of a peer's data without looking anything up, in the order in which it is said. */
import type { Peer } from '../../entities'
import { isStorable, LONG_TEXT_LENGTH_MAX } from '../text'
import { isIlpAddress } from './ilp-address'
import { parseHttpEndpoint } from './http-endpoint'
import type { PeerFailure, PeerHttp, PeerTerms, UpdatePeer } from './peer-inputs'

/** Most incoming tokens of one peer. */
export const INCOMING_TOKENS_MAX = 100

export function judgeCreation(input: PeerTerms): PeerFailure | undefined {
  if (!isIlpAddress(input.staticIlpAddress)) return 'invalid_ilp_address'
  return judgeHttp(input.http) ?? judgeName(input.name)
}

export function judgeUpdate(input: UpdatePeer): PeerFailure | undefined {
  const { staticIlpAddress, http } = input
  if (staticIlpAddress === null) return 'ilp_address_required'
  if (staticIlpAddress !== undefined && !isIlpAddress(staticIlpAddress)) return 'invalid_ilp_address'
  const failure = (http && judgeHttp(http)) ?? judgeName(input.name)
  if (failure) return failure
  const tokens = http?.incoming?.authTokens ?? []
  return new Set(tokens).size < tokens.length ? 'duplicate_incoming_token' : undefined
}

function judgeHttp({ outgoing, incoming }: PeerHttp): PeerFailure | undefined {
  if (parseHttpEndpoint(outgoing.endpoint) === undefined) return 'invalid_endpoint'
  if (!isToken(outgoing.authToken)) return 'invalid_auth_token'
  const tokens = incoming?.authTokens ?? []
  return tokens.length <= INCOMING_TOKENS_MAX && tokens.every(isToken) ? undefined : 'invalid_incoming_token'
}

function judgeName(name: string | null | undefined): PeerFailure | undefined {
  return name == null || isStorable(name) ? undefined : 'invalid_name'
}

function isToken(token: string): boolean {
  return token !== '' && isStorable(token, LONG_TEXT_LENGTH_MAX)
}

/** The columns that an update changes. */
export function changesOf(input: UpdatePeer): Partial<Peer> {
  const { staticIlpAddress, name, maxPacketAmount, http } = input
  return {
    ...(staticIlpAddress != null && { staticIlpAddress }),
    ...(name !== undefined && { name }),
    ...(maxPacketAmount !== undefined && { maxPacketAmount }),
    ...(http && { outgoingAuthToken: http.outgoing.authToken, outgoingEndpoint: http.outgoing.endpoint.trim() })
  }
}
