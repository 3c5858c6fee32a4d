/** Subscriptions on the changes of the service. */
import { GraphQLError } from 'graphql'
import type { DependencyContainer } from 'tsyringe'
import type { PubSub } from 'type-graphql'
import { ChangeHub, FollowingRefused } from '../../services/changes/change-hub'
import type { Change } from '../../services/changes/change-log'

export const CHANGES_TOPIC = 'changes'

const POSITION = /^\d{1,18}$/

const REFUSALS: Readonly<Record<FollowingRefused['reason'], { readonly code: string; readonly message: string }>> = {
  too_many: { code: 'TOO_MANY_SUBSCRIPTIONS', message: 'Too many subscriptions; try again later' },
  unknown_position: { code: 'UNKNOWN_POSITION', message: 'There is no change at this position yet' },
  purged_position: { code: 'PURGED_POSITION', message: 'Changes after this position are no longer kept' }
}

/** The subscriptions' only topic; `topicId` is the position after which to begin, if any. */
export function changeSubscriptions(container: DependencyContainer): PubSub {
  return {
    publish: () => {
      throw new Error('changes come from the database alone')
    },
    subscribe: (_, after) =>
      new Following(async () => {
        const position = after == null ? undefined : positionOf(after as string)
        return container.resolve(ChangeHub).follow(position)
      })
  }
}

/** Written by hand: a generator that waits for a change could not be ended before it comes. */
class Following implements AsyncIterableIterator<Change> {
  private changes: Promise<AsyncIterableIterator<Change>> | undefined

  constructor(private begin: () => Promise<AsyncIterableIterator<Change>>) {}

  async next(): Promise<IteratorResult<Change>> {
    try {
      const changes = await (this.changes ??= this.begin())
      return await changes.next()
    } catch (error) {
      throw error instanceof FollowingRefused ? refusalOf(error.reason) : error
    }
  }

  async return(): Promise<IteratorResult<Change>> {
    // What never began never will.
    this.begin = () => Promise.reject(new Error('the subscription is over'))
    const changes = await this.changes?.catch(() => undefined)
    await changes?.return?.()
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}

function positionOf(after: string): bigint {
  if (!POSITION.test(after)) throw new FollowingRefused('unknown_position')
  return BigInt(after)
}

function refusalOf(reason: FollowingRefused['reason']): GraphQLError {
  const { code, message } = REFUSALS[reason]
  return new GraphQLError(message, { extensions: { code } })
}
