/**
 * Goal: rates are exact, fresh, of the base that was asked for, and a failure leaves nothing behind.
 * Method: a rates server on a real socket that says what the test tells it to, and a clock that the test sets.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseExactJson, JsonNumber } from '../../src/services/rates/exact-json'
import { RatesUnavailable } from '../../src/services/rates/rate-table'
import { FileRatesSource, HttpRatesSource } from '../../src/services/rates/rates-source'
import { RatesService } from '../../src/services/rates/rates-service'
import { RecordingServer } from '../support/servers'
import { until } from '../support/wait'

const LIFETIME_MILLISECONDS = 15_000
/** Of a source that answers; no stall of the machine is to count as a failure. */
const PATIENCE_MILLISECONDS = 60_000
/** Of one that does not. */
const IMPATIENCE_MILLISECONDS = 300

let source: RecordingServer
let url: string
let milliseconds: number
let warnings: unknown[]

beforeAll(async () => {
  source = await RecordingServer.open(() => undefined)
  url = `${source.url}/rates`
})

afterAll(() => source.close())

beforeEach(() => {
  milliseconds = 1_000
  source.requests.length = 0
  warnings = []
  says('{"base":"USD","rates":{"EUR":0.5}}')
})

function says(body: string, status = 200): void {
  source.answering = (_, response) => response.writeHead(status, { 'content-type': 'application/json' }).end(body)
}

function service(timeoutMilliseconds = PATIENCE_MILLISECONDS): RatesService {
  return new RatesService(new HttpRatesSource(url, timeoutMilliseconds), {
    lifetimeMilliseconds: LIFETIME_MILLISECONDS,
    now: () => milliseconds
  })
}

const logger = { warn: (facts: unknown): void => void warnings.push(facts) }
const HALF = { numerator: 1n, denominator: 2n }

describe('a rate', () => {
  it('is asked for by base and keeps every digit', async () => {
    says('{"base":"USD","rates":{"EUR":1.160000000000000000000000000001,"KES":"129.15"}}')
    const rates = service()
    expect(await rates.rate(logger, 'USD', 'EUR')).toEqual({
      numerator: 1160000000000000000000000000001n,
      denominator: 10n ** 30n
    })
    expect(await rates.rate(logger, 'USD', 'KES')).toEqual({ numerator: 2583n, denominator: 20n })
    expect(source.requests.map(({ url }) => url)).toEqual(['/rates?base=USD'])
  })

  it('is scaled by the difference of the scales', async () => {
    const cents = { assetCode: 'USD', assetScale: 2 }
    expect(await service().conversion(logger, cents, { assetCode: 'EUR', assetScale: 4 })).toEqual({
      numerator: 50n,
      denominator: 1n
    })
  })

  it('between equal codes needs no rates', async () => {
    const cents = { assetCode: 'USD', assetScale: 2 }
    const without = new RatesService(undefined, {
      lifetimeMilliseconds: LIFETIME_MILLISECONDS
    })
    for (const rates of [service(), without]) {
      expect(await rates.conversion(logger, cents, { assetCode: 'USD', assetScale: 1 })).toEqual({
        numerator: 1n,
        denominator: 10n
      })
    }
    expect(await without.rate(logger, 'USD', 'EUR')).toBeUndefined()
    expect(source.requests).toEqual([])
  })

  it.each(['0', '-1', '1e400', '0.0', '"NaN"'])('of %s does not convert', async (rate) => {
    says(`{"base":"USD","rates":{"EUR":${rate},"KES":2}}`)
    const rates = service()
    expect(await rates.rate(logger, 'USD', 'EUR')).toBeUndefined()
    expect(await rates.rate(logger, 'USD', 'GBP')).toBeUndefined()
    expect(await rates.rate(logger, 'USD', 'KES')).toEqual({ numerator: 2n, denominator: 1n })
  })
})

describe('an unusable answer', () => {
  it.each([
    ['another base', '{"base":"EUR","rates":{"EUR":1}}', 200],
    ['no base', '{"rates":{"EUR":1}}', 200],
    ['an empty base', '{"base":"","rates":{}}', 200],
    ['no rates', '{"base":"USD"}', 200],
    ['a list of rates', '{"base":"USD","rates":[1]}', 200],
    ['a rate that is no number', '{"base":"USD","rates":{"EUR":true}}', 200],
    ['no JSON', '{"base":"USD"', 200],
    ['another status', '{"base":"USD","rates":{"EUR":1}}', 203]
  ])('with %s is refused and not remembered', async (_, body, status) => {
    says(body, status)
    const rates = service()
    await expect(rates.rate(logger, 'USD', 'EUR')).rejects.toBeInstanceOf(RatesUnavailable)
    says('{"base":"USD","rates":{"EUR":0.5}}')
    expect(await rates.rate(logger, 'USD', 'EUR')).toEqual(HALF)
  })

  it('that never comes is given up', async () => {
    source.answering = () => undefined
    await expect(service(IMPATIENCE_MILLISECONDS).rate(logger, 'USD', 'EUR')).rejects.toBeInstanceOf(RatesUnavailable)
  })

  it('that never ends is given up', async () => {
    source.answering = (_, response) => {
      const chunk = ' '.repeat(65_536)
      const more = (): void => {
        while (!response.destroyed && response.write(chunk)) continue
      }
      response.writeHead(200).on('drain', more)
      more()
    }
    await expect(service(IMPATIENCE_MILLISECONDS).rate(logger, 'USD', 'EUR')).rejects.toBeInstanceOf(RatesUnavailable)
  })

  it('that points elsewhere is not followed', async () => {
    source.answering = (_, response) => response.writeHead(302, { location: '/other' }).end()
    await expect(service().rate(logger, 'USD', 'EUR')).rejects.toBeInstanceOf(RatesUnavailable)
    expect(source.requests.map(({ url }) => url)).toEqual(['/rates?base=USD'])
  })
})

describe('memory', () => {
  it('answers until the lifetime is over, and never later', async () => {
    const rates = service()
    await rates.rate(logger, 'USD', 'EUR')
    milliseconds += LIFETIME_MILLISECONDS / 2
    await rates.rate(logger, 'USD', 'EUR')
    expect(source.requests).toHaveLength(1)
    milliseconds += LIFETIME_MILLISECONDS / 2
    says('{"base":"USD","rates":{"EUR":3}}')
    expect(await rates.rate(logger, 'USD', 'EUR')).toEqual({ numerator: 3n, denominator: 1n })
    milliseconds += LIFETIME_MILLISECONDS
    says('down', 500)
    await expect(rates.rate(logger, 'USD', 'EUR')).rejects.toBeInstanceOf(RatesUnavailable)
  })

  it('past half the lifetime answers at once and is refreshed meanwhile', async () => {
    const rates = service()
    await rates.rate(logger, 'USD', 'EUR')
    milliseconds += LIFETIME_MILLISECONDS / 2 + 1
    let release: () => void = () => undefined
    const asked = new Promise<void>((resolve) => {
      source.answering = (_, response) => {
        release = () => response.end('{"base":"USD","rates":{"EUR":3}}')
        resolve()
      }
    })
    expect(await rates.rate(logger, 'USD', 'EUR')).toEqual(HALF)
    await asked
    expect(await rates.rate(logger, 'USD', 'EUR')).toEqual(HALF)
    release()
    await until(async () => (await rates.rate(logger, 'USD', 'EUR'))?.numerator === 3n)
    expect(source.requests).toHaveLength(2)
  })

  it('survives a refresh that fails, which is told and not remembered', async () => {
    const rates = service()
    await rates.rate(logger, 'USD', 'EUR')
    milliseconds += LIFETIME_MILLISECONDS / 2 + 1
    says('down', 500)
    expect(await rates.rate(logger, 'USD', 'EUR')).toEqual(HALF)
    await until(() => Promise.resolve(warnings.length === 1))
    says('{"base":"USD","rates":{"EUR":3}}')
    expect(await rates.rate(logger, 'USD', 'EUR')).toEqual(HALF)
    await until(async () => (await rates.rate(logger, 'USD', 'EUR'))?.numerator === 3n)
  })

  it('is of each base', async () => {
    source.answering = (request, response) => {
      const base = new URL(request.url ?? '', url).searchParams.get('base')
      response.end(JSON.stringify({ base, rates: { KES: base === 'USD' ? 129 : 150 } }))
    }
    const rates = service()
    expect(await rates.rate(logger, 'USD', 'KES')).toEqual({ numerator: 129n, denominator: 1n })
    expect(await rates.rate(logger, 'EUR', 'KES')).toEqual({ numerator: 150n, denominator: 1n })
  })

  it('is filled once by those who ask at the same time', async () => {
    const rates = service()
    const all = await Promise.all(Array.from({ length: 50 }, () => rates.rate(logger, 'USD', 'EUR')))
    expect(all).toEqual(Array.from({ length: 50 }, () => HALF))
    expect(source.requests).toHaveLength(1)
  })

  it('shares a failure only with those who waited for it', async () => {
    const rates = service()
    says('down', 500)
    const all = await Promise.allSettled(Array.from({ length: 5 }, () => rates.rate(logger, 'USD', 'EUR')))
    expect(all.map((each) => each.status)).toEqual(Array.from({ length: 5 }, () => 'rejected'))
    expect(source.requests).toHaveLength(1)
    says('{"base":"USD","rates":{"EUR":0.5}}')
    expect(await rates.rate(logger, 'USD', 'EUR')).toEqual(HALF)
  })
})

describe('a file of rates', () => {
  let folder: string
  beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'rates-'))))
  afterAll(() => rm(folder, { recursive: true }))

  it('gives the rates from every code in it', async () => {
    const path = join(folder, 'rates.json')
    await writeFile(path, '{"base":"USD","rates":{"EUR":2,"CHF":3}}')
    const source = new FileRatesSource(path)
    expect((await source.fetch('USD')).rates.get('CHF')).toEqual({ numerator: 3n, denominator: 1n })
    expect((await source.fetch('EUR')).rates.get('CHF')).toEqual({ numerator: 3n, denominator: 2n })
    expect((await source.fetch('EUR')).rates.get('USD')).toEqual(HALF)
    expect((await source.fetch('KES')).rates.size).toBe(0)
    await writeFile(path, '{"base":"USD","rates":{"EUR":4}}')
    expect((await source.fetch('USD')).rates.get('EUR')).toEqual({ numerator: 4n, denominator: 1n })
  })

  it('that is not there gives none', async () => {
    await expect(new FileRatesSource(join(folder, 'none')).fetch('USD')).rejects.toBeInstanceOf(RatesUnavailable)
  })
})

it('exact JSON keeps strings apart from numbers', () => {
  const parsed = parseExactJson('{"a\\"1":["n1",1.50,-2e3,true,null,{"1":"\\\\"}],"__proto__":0}')
  expect(JSON.stringify(parsed)).toBe(
    '{"a\\"1":["n1",{"text":"1.50"},{"text":"-2e3"},true,null,{"1":"\\\\"}],"__proto__":{"text":"0"}}'
  )
  expect((parsed as Record<string, unknown[]>)['a"1']?.[1]).toBeInstanceOf(JsonNumber)
  expect(() => parseExactJson('{"a":01}')).toThrow(SyntaxError)
})

describe('markets', () => {
  const SIDED = '{"base":"USD","rates":{"EUR":2},"sides":{"NGN":{"buy":1540.5,"sell":"1535"},"XXX":{"buy":0,"sell":1}}}'
  const NGN = { buy: { numerator: 3081n, denominator: 2n }, sell: { numerator: 1535n, denominator: 1n } }

  it('have two sides, and say nothing about conversions', async () => {
    says(SIDED)
    const rates = service()
    expect([...(await rates.sides(logger, 'USD'))]).toEqual([['NGN', NGN]])
    expect(await rates.rate(logger, 'USD', 'NGN')).toBeUndefined()
    expect(await rates.rate(logger, 'USD', 'EUR')).toEqual({ numerator: 2n, denominator: 1n })
    expect(source.requests).toHaveLength(1)
  })

  it('are none where the source knows none, or there is no source', async () => {
    expect((await service().sides(logger, 'USD')).size).toBe(0)
    expect((await new RatesService(undefined, { lifetimeMilliseconds: 1 }).sides(logger, 'USD')).size).toBe(0)
  })

  it('in a file are known from its base alone', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hazina-markets-'))
    await writeFile(join(folder, 'rates.json'), SIDED)
    const rates = new RatesService(new FileRatesSource(join(folder, 'rates.json')), { lifetimeMilliseconds: 60_000 })
    expect([...(await rates.sides(logger, 'USD'))]).toEqual([['NGN', NGN]])
    expect((await rates.sides(logger, 'EUR')).size).toBe(0)
    await rm(folder, { recursive: true })
  })

  it.each([
    '"sides":[]',
    '"sides":{"NGN":1540}',
    '"sides":{"NGN":{"buy":1540}}',
    '"sides":{"NGN":{"buy":[],"sell":1}}'
  ])('that are not as described make the text unusable: %s', async (sides) => {
    says(`{"base":"USD","rates":{},${sides}}`)
    await expect(service().sides(logger, 'USD')).rejects.toThrow(RatesUnavailable)
  })
})
