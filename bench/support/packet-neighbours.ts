/**
 * Who answers packets in a benchmark, each in a process of its own:
 * - `receiver`: the bare STREAM receiver library behind a bare HTTP server. It stores nothing: the floor.
 * - `hop`: a neighbour that fulfils everything at once with zeros.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import '../../src/interledger/debug-colors'
import { StreamServer } from '@interledger/stream-receiver'
import { deserializeIlpPrepare, serializeIlpFulfill, serializeIlpReply } from 'ilp-packet'
import { answerCpuQuestions } from './cpu'

type Answer = (prepare: Buffer) => Buffer

const FULFIL = serializeIlpFulfill({ fulfillment: Buffer.alloc(32), data: Buffer.alloc(0) })

const NEIGHBOURS: Readonly<Record<string, () => Answer>> = {
  hop: () => () => FULFIL,
  receiver: () => {
    const serverSecret = Buffer.from(process.env.STREAM_SECRET!, 'base64')
    const server = new StreamServer({ serverSecret, serverAddress: process.env.ILP_ADDRESS! })
    return (bytes) => {
      const reply = server.createReply(deserializeIlpPrepare(bytes))
      return serializeIlpReply('accept' in reply ? reply.accept() : reply)
    }
  }
}

function serve(answer: Answer, request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const body = answer(Buffer.concat(chunks))
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': body.length }).end(body)
  })
}

answerCpuQuestions()
const answer = NEIGHBOURS[process.argv[2]!]!()
const server = createServer({ keepAliveTimeout: 65_000 }, (request, response) => serve(answer, request, response))
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }))
