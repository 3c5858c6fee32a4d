import { stopTestServer } from './test-server'

export default async function tearDown(): Promise<void> {
  if (globalThis.hazinaTestServer) await stopTestServer(globalThis.hazinaTestServer)
}
