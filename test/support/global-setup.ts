import 'reflect-metadata'
import { startTestServer, type TestServer } from './test-server'

declare global {
  var hazinaTestServer: TestServer | undefined
}

export default async function setUp(): Promise<void> {
  globalThis.hazinaTestServer = await startTestServer()
}
