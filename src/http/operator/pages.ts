/** Pages of a list: after an object, so many, the oldest first. */
import { PAGE_LIMIT_MAX } from './limits'
import { done, refused, type Answer } from '../../services/answer'
import type { GlobalType } from '../../services/ramp/global-ids'
import { idOf } from './ids'
import { flag, integer, list, object, optional, text, type ObjectOf, type Shape } from './shape'

const PAGE_LIMIT = 50

export const PAGE_QUERY = {
  after: optional(text('The last object of the page before; from the start unless given.')),
  limit: optional(integer(`How many, ${PAGE_LIMIT} unless given.`, 1, PAGE_LIMIT_MAX))
}

export interface PageWish {
  readonly direction: 'forward'
  readonly cursor?: string
  readonly limit: number
}

export function pageWish(
  type: GlobalType,
  { after, limit = PAGE_LIMIT }: ObjectOf<typeof PAGE_QUERY>
): Answer<PageWish, 'INVALID_GLOBAL_ID'> {
  if (after === undefined) return done({ direction: 'forward', limit })
  const cursor = idOf(type, after)
  return cursor === undefined ? refused('INVALID_GLOBAL_ID') : done({ direction: 'forward', cursor, limit })
}

export function pageShape<Item>(
  item: Shape<Item>
): Shape<{ readonly data: readonly Item[]; readonly hasMore: boolean }> {
  return object({ data: list(item, 'The oldest first.'), hasMore: flag('Whether there are others after them.') })
}
