/** HTTP servers of others, as a test plays them. */
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse
} from 'node:http'
import type { AddressInfo } from 'node:net'

export type Answering = (request: IncomingMessage, response: ServerResponse, body: string) => void

export interface RecordedRequest {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** What it answers is set by the test, what it was asked is kept. */
export class RecordingServer {
  readonly requests: RecordedRequest[] = []

  private constructor(
    private readonly server: Server,
    readonly url: string,
    public answering: Answering
  ) {}

  static async open(answering: Answering): Promise<RecordingServer> {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const { method = '', url = '', headers } = request
        const body = Buffer.concat(chunks).toString()
        recording.requests.push({ method, url, headers, body })
        recording.answering(request, response, body)
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const recording = new RecordingServer(
      server,
      `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      answering
    )
    return recording
  }

  async close(): Promise<void> {
    this.server.closeAllConnections()
    await new Promise((resolve) => this.server.close(resolve))
  }
}
