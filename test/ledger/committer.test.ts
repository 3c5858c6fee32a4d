/**
 * Goal: callers share batches, and the queue of those who wait has a limit. Method: an engine that takes its time.
 */
import { Committer } from '../../src/ledger/committer'
import type { LedgerEngine } from '../../src/ledger/engine'
import { LedgerBusy, type Outcome, type Submission } from '../../src/ledger/types'
import { transfer } from './support'

/** Takes its time, so that the test can see what a batch is made of. */
function slowEngine(): { engine: LedgerEngine; batches: number[]; go: () => void } {
  const batches: number[] = []
  let go: () => void = () => undefined
  const gate = new Promise<void>((resolve) => {
    go = resolve
  })
  const execute = async (batch: readonly Submission[]): Promise<Outcome[]> => {
    batches.push(batch.length)
    await gate
    return batch.map(() => ({ results: [], recordedMicroseconds: 0n }))
  }
  return { engine: { execute } as Partial<LedgerEngine> as LedgerEngine, batches, go }
}

it('makes a batch of what arrived meanwhile, and refuses what is too much', async () => {
  const { engine, batches, go } = slowEngine()
  const committer = new Committer(engine, { queueMax: 10 })
  const first = committer.submit({ commands: [] })
  await new Promise((resolve) => setImmediate(resolve))
  const rest = Array.from({ length: 10 }, () => committer.submit({ commands: [] }))
  await expect(committer.submit({ commands: [] })).rejects.toThrow(LedgerBusy)
  go()
  await Promise.all([first, ...rest])
  expect(batches).toEqual([1, 10])
  await committer.drain()
})

it('splits what is too large for one batch, in order', async () => {
  const { engine, batches, go } = slowEngine()
  const committer = new Committer(engine, { batchCommandsMax: 4 })
  go()
  const commands = [transfer(1n, 2n, 1n), transfer(1n, 2n, 1n), transfer(1n, 2n, 1n)]
  await Promise.all(
    [{ commands }, { commands: commands.slice(0, 1) }, { commands }, { commands: [...commands, ...commands] }].map(
      (one) => committer.submit(one)
    )
  )
  expect(batches).toEqual([2, 1, 1])
})
