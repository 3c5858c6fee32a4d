/**
 * Goal: neighbours get in with their token and nobody else does; what is no packet is told so before anything
 * happens, and what is too much is rejected at once.
 * Method: bare HTTP to the port of a node.
 */
import { randomBytes } from 'node:crypto'
import { deserializeIlpReply } from 'ilp-packet'
import { unique } from '../../admin-v2/support'
import { Crossing, fulfilOf, http, packet, PACKET_TYPE, rejectIn, respond, type Neighbour } from './support'

let crossing: Crossing
let sender: Neighbour
let taker: Neighbour

beforeAll(async () => {
  crossing = await Crossing.open({ connector: { ilpInFlightMax: 6, ilpInFlightPerPeerMax: 4 } })
  sender = await crossing.neighbour()
  taker = await crossing.neighbour()
})
afterAll(() => crossing.close())

const url = (): string => crossing.node.parts.listenerUrl
const good = (): Buffer => packet({ amount: 1n, destination: `${taker.ilpAddress}.bob` })

describe('case 34: who may send', () => {
  it.each([
    ['no credentials', {}],
    ['another scheme', { authorization: 'Basic abc' }],
    ['a scheme alone', { authorization: 'Bearer' }]
  ])('%s', async (_, headers: Record<string, string>) => {
    const { status, body } = await http(url(), { 'content-type': PACKET_TYPE, ...headers }, good())
    expect([status, body.toString()]).toEqual([401, 'Bearer token required in Authorization header'])
  })

  it('an unknown token, also where the content is wrong too', async () => {
    for (const type of [PACKET_TYPE, 'text/plain']) {
      const { status, body } = await http(url(), { 'content-type': type, authorization: 'Bearer nobody' }, good())
      expect([status, body.toString()]).toEqual([401, 'Access Denied - Invalid Token'])
    }
  })

  it("a peer's outgoing token is not an incoming one", async () => {
    const authorization = `Bearer to ${taker.ilpAddress}`
    expect((await http(url(), { 'content-type': PACKET_TYPE, authorization }, good())).status).toBe(401)
  })

  it.each(['bearer', 'BEARER', 'Bearer'])('a good token after %s, on any path', async (scheme) => {
    const headers = { 'content-type': PACKET_TYPE, authorization: `${scheme} ${sender.token}` }
    const { status, body } = await http(`${url()}/any/path?at=all`, headers, good())
    expect(status).toBe(200)
    expect(deserializeIlpReply(body)).toHaveProperty('fulfillment')
  })

  it('a token that was taken away, from then on', async () => {
    const peer = await crossing.neighbour()
    const terms = { amount: 1n, destination: `${taker.ilpAddress}.bob` }
    await crossing.fulfilled(peer, terms)
    const token = unique('token')
    const outgoing = { endpoint: crossing.hop.url, authToken: 'x' }
    const input = { id: peer.id, http: { outgoing, incoming: { authTokens: [token] } } }
    await crossing.node.api.mutate('updatePeer', 'UpdatePeerInput', input, 'code success message')
    const isKnown = async (): Promise<boolean> => (await crossing.send({ ...peer, token }, good())).status === 200
    while (!(await isKnown())) await new Promise((resolve) => setTimeout(resolve, 5))
    expect((await crossing.send(peer, good())).status).toBe(401)
  })
})

describe('case 35: what may be sent', () => {
  it.each(['application/ilp+octet-stream', 'application/json', ''])(
    'content of the type "%s" is refused',
    async (type) => {
      const headers = { ...(type && { 'content-type': type }), authorization: `Bearer ${sender.token}` }
      const { status, body } = await http(url(), headers, good())
      expect([status, body.toString()]).toEqual([400, 'Expected Content-Type of application/octet-stream'])
    }
  )

  it('parameters of the type do not matter', async () => {
    const headers = { 'content-type': `${PACKET_TYPE}; charset=x`, authorization: `Bearer ${sender.token}` }
    expect((await http(url(), headers, good())).status).toBe(200)
  })

  it.each([
    ['nothing', () => Buffer.alloc(0)],
    ['a packet that is cut off', () => good().subarray(0, -1)],
    ['a packet with something behind it', () => Buffer.concat([good(), Buffer.from([0])])],
    ['a Fulfill', () => fulfilOf(randomBytes(32))],
    ['noise', () => randomBytes(200)],
    ['a length without an end', () => Buffer.from([12, 0x84, 0xff, 0xff, 0xff, 0xff])]
  ])('%s is refused', async (_, body) => {
    const before = await crossing.transfers()
    expect((await crossing.send(sender, body())).status).toBe(400)
    expect(await crossing.transfers()).toBe(before)
  })

  it('a body of 1 MiB is refused', async () => {
    expect((await crossing.send(sender, randomBytes(1_048_576))).status).toBe(413)
  })

  it.each(['GET', 'PUT', 'DELETE'])('%s is refused', async (method) => {
    const headers = { 'content-type': PACKET_TYPE, authorization: `Bearer ${sender.token}` }
    expect((await http(`${url()}/packets`, headers, '', method)).status).toBe(405)
  })
})

test('case 36: an unknown destination', async () => {
  const reject = await crossing.rejected(sender, { amount: 1n, destination: 'test.nobody.at.all' })
  expect(reject).toMatchObject({
    code: 'F02',
    message: 'unknown destination account',
    triggeredBy: crossing.node.ilpAddress
  })
})

describe('more than there is room for', () => {
  it('is rejected at once, and does not wait', async () => {
    const waiting: (() => void)[] = []
    const { hop } = crossing
    const { answering } = hop
    hop.answering = (prepare, response) => {
      waiting.push(() => respond(response, fulfilOf(prepare.data)))
    }
    const other = await crossing.neighbour()
    const third = await crossing.neighbour(crossing.wallet.assetId, { ilpAddress: `test.${unique('third')}` })
    const to = (peer: Neighbour): Buffer => packet({ amount: 1n, destination: `${peer.ilpAddress}.bob` })
    const [first, second] = [
      Array.from({ length: 4 }, () => crossing.send(sender, to(taker))),
      Array.from({ length: 2 }, () => crossing.send(other, to(third)))
    ]
    while (waiting.length < 6) await new Promise((resolve) => setTimeout(resolve, 5))
    expect(rejectIn(await crossing.send(other, to(taker)))).toMatchObject({ code: 'T03' })
    for (const answer of waiting.splice(4)) answer()
    await Promise.all(second)
    expect(rejectIn(await crossing.send(sender, to(third)))).toMatchObject({ code: 'T02' })
    // As many are under way to the taker as may be.
    expect(rejectIn(await crossing.send(other, to(taker)))).toMatchObject({ code: 'T02', message: 'peer busy' })
    hop.answering = answering
    for (const answer of waiting) answer()
    const answers = await Promise.all([...first, ...second])
    expect(answers.map(({ body }) => 'fulfillment' in deserializeIlpReply(body))).toEqual(Array(6).fill(true))
    expect(await crossing.node.held()).toBe(0n)
  })
})
