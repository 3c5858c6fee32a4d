/**
 * Goal: an answer in pieces costs no more for having many of them, since a subscription goes on for days.
 * Method: one exchange over a real connection, with pieces that are each more than is buffered.
 */
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Exchange } from '../../src/http/exchange'

const PIECE = Buffer.alloc(256 * 1024)
const LISTENER = { isDraining: false, draining: new AbortController().signal }

/** Answers with these pieces while the work goes on. */
async function serve(
  piecesOf: (response: ServerResponse) => AsyncIterable<Buffer>,
  work: (url: string, streamed: Promise<void>) => Promise<void>
): Promise<void> {
  const server = createServer()
  const streamed = new Promise<void>((resolve, reject) => {
    server.on('request', (request, response) => {
      const exchange = new Exchange(request, response, 'id', '/', 0, LISTENER, false)
      exchange.stream(200, [], piecesOf(response)).then(resolve, reject)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, streamed)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

test('waiting for a slow reader leaves no listeners behind', async () => {
  const count = 50
  const listeners: number[] = []
  let waits = 0
  async function* pieces(response: ServerResponse): AsyncGenerator<Buffer> {
    const write = response.write.bind(response)
    response.write = (chunk: unknown) => {
      const isTaken = write(chunk)
      if (!isTaken) waits++
      return isTaken
    }
    for (let piece = 0; piece < count; piece++) {
      yield Promise.resolve(PIECE)
      listeners.push(['close', 'error', 'drain'].reduce((sum, event) => sum + response.listenerCount(event), 0))
    }
  }
  await serve(pieces, async (url) => {
    expect((await (await fetch(url)).arrayBuffer()).byteLength).toBe(count * PIECE.length)
  })
  expect(waits).toBe(count)
  expect(new Set(listeners).size).toBe(1)
})

test('a reader who goes away ends the answer', async () => {
  async function* pieces(): AsyncGenerator<Buffer> {
    for (;;) yield Promise.resolve(PIECE)
  }
  await serve(pieces, async (url, streamed) => {
    const leaving = new AbortController()
    await fetch(url, { signal: leaving.signal })
    leaving.abort()
    await streamed
  })
})
