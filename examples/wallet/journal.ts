/**
 * The wallet's only storage: a file of lines of JSON that is appended to and never changed.
 *
 * `append` resolves when the line is on the disk. Lines that arrive while one write is under way go with the next one,
 * so a busy wallet pays for one flush for many lines. What a crash left half written at the end is cut off at the
 * next start: nobody was told that it was there.
 */
import { open, type FileHandle } from 'node:fs/promises'

interface Waiting {
  readonly line: string
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

export class Journal<Line> {
  private waiting: Waiting[] = []
  private writing: Promise<void> | undefined
  private failure: Error | undefined

  private constructor(private readonly file: FileHandle) {}

  /** Opens or creates the file and hands every line of it to `replay`, in order. */
  static async open<Line>(path: string, replay: (line: Line) => void): Promise<Journal<Line>> {
    const file = await open(path, 'a+', 0o600)
    const text = await file.readFile('utf8')
    const end = text.lastIndexOf('\n') + 1
    await file.truncate(Buffer.byteLength(text.slice(0, end)))
    for (const line of text.slice(0, end).split('\n')) if (line !== '') replay(JSON.parse(line) as Line)
    return new Journal<Line>(file)
  }

  append(line: Line): Promise<void> {
    if (this.failure) return Promise.reject(this.failure)
    return new Promise((resolve, reject) => {
      this.waiting.push({ line: `${JSON.stringify(line)}\n`, resolve, reject })
      this.writing ??= this.writeAll()
    })
  }

  /** Everything that was appended is written; then the file is closed. */
  async close(): Promise<void> {
    await this.writing
    await this.file.close()
  }

  private async writeAll(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.waiting
      this.waiting = []
      try {
        await this.file.appendFile(batch.map(({ line }) => line).join(''))
        await this.file.datasync()
        for (const { resolve } of batch) resolve()
      } catch (error) {
        // After a failed flush nobody knows what the disk holds, so nothing is written any more.
        this.failure = new Error('the journal cannot be written', { cause: error })
        for (const { reject } of [...batch, ...this.waiting.splice(0)]) reject(this.failure)
      }
    }
    this.writing = undefined
  }
}
