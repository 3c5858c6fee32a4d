/** What became of accounts that merchants asked for. An account's row changes once; its fee stays in any case. */
import type { EntityReader, EntityReads } from '../../../database/entity-reader'
import type { GroupWriter } from '../../../database/group-writer'
import type { Page, PageRequest } from '../../../database/keyset'
import { RampVirtualAccount } from '../../../entities'
import type { VirtualAccountDetails } from '../../../entities/ramp/virtual-account'
import { done, refused } from '../../answer'
import type { RampAnswer } from '../failures'
import { OVERTAKEN, unlessOvertaken, untilNotOvertaken } from '../parties/overtaken'
import { accountDetails, isSameDetails } from './account-details'

type End = Pick<RampVirtualAccount, 'status' | 'details'>

const SETTLE = {
  name: 'ramp_virtual_account_settle',
  text: `UPDATE ramp_virtual_account SET status = $2, details = $3 WHERE id = $1 AND status = 'pending'`
} as const

export class VirtualAccountSettlement {
  private readonly accounts: EntityReads<RampVirtualAccount>

  constructor(
    entities: EntityReader,
    private readonly writer: GroupWriter
  ) {
    this.accounts = entities.of(RampVirtualAccount)
  }

  find(id: string): Promise<RampVirtualAccount | undefined> {
    return this.accounts.find(id)
  }

  /** Those that wait for a bank. */
  pending(request: PageRequest): Promise<Page<RampVirtualAccount>> {
    return this.accounts.page(request, { name: 'pending', condition: `status = 'pending'`, values: [] })
  }

  /** A bank has opened it. Doing it again with the same details changes nothing. */
  async activate(id: string, given: VirtualAccountDetails): Promise<RampAnswer<RampVirtualAccount>> {
    const details = accountDetails(given)
    return details ? this.settle(id, { status: 'active', details }) : refused('MISSING_FIELD')
  }

  /** No bank opens it. Doing it again changes nothing. */
  reject(id: string): Promise<RampAnswer<RampVirtualAccount>> {
    return this.settle(id, { status: 'rejected', details: null })
  }

  private settle(id: string, end: End): Promise<RampAnswer<RampVirtualAccount>> {
    return untilNotOvertaken<RampAnswer<RampVirtualAccount>>(async () => {
      const account = await this.accounts.find(id)
      if (!account) return refused('NOT_FOUND')
      if (account.status !== 'pending') {
        const isSame = account.status === end.status && isSameDetails(account.details, end.details)
        return isSame ? done(account) : refused('INVALID_STATUS')
      }
      const values = [id, end.status, end.details && JSON.stringify(end.details)]
      const write = this.writer.write([{ ...SETTLE, values, rowsExpected: 1 }])
      const written = await unlessOvertaken([SETTLE.name], write)
      return written === OVERTAKEN ? OVERTAKEN : done({ ...account, ...end })
    })
  }
}
