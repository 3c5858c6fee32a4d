/**
 * Goal: a worker does all that is due, never more at a time than it may, loses no wake-up, and does not spin.
 * Method: a source of tasks in memory, whose claims and tasks the test ends one by one.
 */
import { backoffMilliseconds } from '../../src/services/backoff'
import { Worker, type WorkerOptions } from '../../src/workers/worker'
import { until } from '../support/wait'
import { recordingLogger } from './support'

/** Long enough never to pass in a test. */
const NEVER = 2 ** 30

const workers: Worker<number>[] = []
afterEach(() => Promise.all(workers.splice(0).map((worker) => worker.stop())))

function startWorker(options: Partial<WorkerOptions<number>> & Pick<WorkerOptions<number>, 'claim'>): Worker<number> {
  const worker = new Worker<number>({
    name: 'test',
    concurrency: 4,
    idleMilliseconds: NEVER,
    work: () => Promise.resolve(),
    logger: recordingLogger().logger,
    ...options
  })
  workers.push(worker)
  worker.start()
  return worker
}

function gate(): { readonly passed: Promise<void>; open(): void } {
  let open!: () => void
  const passed = new Promise<void>((resolve) => (open = resolve))
  return { passed, open }
}

test('everything due is done, and never more at a time than allowed', async () => {
  const queue = Array.from({ length: 50 }, (_, index) => index)
  const done: number[] = []
  let underWay = 0
  let most = 0
  startWorker({
    claim: (limit) => Promise.resolve(queue.splice(0, limit)),
    work: async (task) => {
      most = Math.max(most, ++underWay)
      await new Promise((resolve) => setTimeout(resolve, task % 3))
      underWay--
      done.push(task)
    }
  })
  await until(() => done.length === 50)
  expect(done.sort((left, right) => left - right)).toEqual(Array.from({ length: 50 }, (_, index) => index))
  expect(most).toBe(4)
})

test('a wake-up that comes while the worker is looking makes it look again', async () => {
  const looking = gate()
  const looks: number[] = []
  const worker = startWorker({
    claim: async () => {
      looks.push(looks.length)
      if (looks.length === 1) await looking.passed
      return []
    }
  })
  await until(() => looks.length === 1)
  worker.wake()
  looking.open()
  await until(() => looks.length === 2)
})

test('without a wake-up it looks again after the idle pause', async () => {
  let looks = 0
  startWorker({ idleMilliseconds: 1, claim: () => Promise.resolve(looks++ ? [] : []) })
  await until(() => looks >= 3)
})

test('a slow task delays no other', async () => {
  const slow = gate()
  const queue = [0, 1, 2, 3, 4, 5, 6, 7]
  const done: number[] = []
  startWorker({
    claim: (limit) => Promise.resolve(queue.splice(0, limit)),
    work: async (task) => {
      if (task === 0) await slow.passed
      done.push(task)
    }
  })
  await until(() => done.length === 7)
  expect(done).not.toContain(0)
  slow.open()
})

test('stop claims nothing more and waits for what is under way', async () => {
  const task = gate()
  let claims = 0
  let isDone = false
  const worker = startWorker({
    concurrency: 1,
    claim: () => Promise.resolve([claims++]),
    work: async () => {
      await task.passed
      isDone = true
    }
  })
  await until(() => claims === 1)
  let isStopped = false
  const stopped = worker.stop().then(() => (isStopped = true))
  await new Promise((resolve) => setTimeout(resolve, 10))
  expect(isStopped).toBe(false)
  task.open()
  await stopped
  expect([isDone, claims]).toEqual([true, 1])
})

test.each([
  ['claims', { claim: () => Promise.reject(new Error('no database')) }],
  [
    'tasks',
    {
      claim: (limit: number) => Promise.resolve(Array<number>(limit).fill(0)),
      work: () => Promise.reject(new Error('a defect'))
    }
  ]
])('%s that fail do not make it spin, and every failure is in the log', async (_, failing) => {
  const { logger, lines } = recordingLogger()
  let calls = 0
  const claim = (limit: number): Promise<number[]> => {
    calls++
    return failing.claim(limit) as Promise<number[]>
  }
  const worker = startWorker({ ...failing, claim, concurrency: 1, logger, idleMilliseconds: 0 })
  const waker = setInterval(() => worker.wake(), 1)
  await until(() => lines.length >= 3)
  clearInterval(waker)
  // Each failure is answered with a pause, so looks and failures keep step however often it is woken.
  expect(calls).toBeLessThanOrEqual(lines.length + 1)
  expect(lines[0]).toMatchObject({ level: 'error', facts: { worker: 'test', failures: 1 } })
})

test('after failures it goes on as soon as the source is well again', async () => {
  let claims = 0
  const done: number[] = []
  startWorker({
    claim: () => (++claims < 3 ? Promise.reject(new Error('no database')) : Promise.resolve(claims === 3 ? [7] : [])),
    work: (task) => Promise.resolve(done.push(task))
  })
  await until(() => done.length === 1)
  expect(done).toEqual([7])
})

test('pauses grow to a limit, and are never shorter than they say', () => {
  const plain = [1, 2, 3, 4, 5, 6, 7, 8, 1_000].map((failures) => backoffMilliseconds(failures, 10, 500, () => 0))
  expect(plain).toEqual([10, 20, 40, 80, 160, 320, 500, 500, 500])
  expect(backoffMilliseconds(2, 100, 1_000, () => 0.999)).toBe(239)
  for (let index = 0; index < 100; index++) expect(backoffMilliseconds(1, 100, 1_000)).toBeGreaterThanOrEqual(100)
})
