/** Global ids in arguments. */
import { parseGlobalId, type GlobalType } from '../../services/ramp/global-ids'
import { refusal } from './failures'

/** The UUID of a global id. @throws GraphQLError for what is none, or is one of another type */
export function uuidOf(type: GlobalType, text: string): string {
  const uuid = parseGlobalId(type, text)
  if (uuid === undefined) throw refusal('INVALID_GLOBAL_ID')
  return uuid
}
