/**
 * The YAML of a demo: steps with their fields and where each stands, before anything is known of what the
 * steps mean.
 */
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node } from 'yaml'
import { Problem, WrongFile, type Place } from './problem'

/** Steps of one file. */
const STEPS_MAX = 10_000
/** Characters of one file. */
const CHARACTERS_MAX = 1_048_576

export interface Written {
  readonly place: Place
  /** Where the name of the field stands; the same as `place` for what is no field. */
  readonly namePlace: Place
  /** Integers come as bigint, so that no digit is lost. */
  readonly value: string | bigint | number | boolean | null
}

export type WrittenFields = ReadonlyMap<string, Written>

export interface WrittenStep {
  readonly place: Place
  readonly kind: string
  readonly fields: WrittenFields
  readonly expect: WrittenFields | undefined
}

export interface WrittenDemo {
  readonly title: string
  readonly steps: readonly WrittenStep[]
}

export function readDemo(file: string, text: string): WrittenDemo {
  return new DemoReader(file, text).read()
}

class DemoReader {
  private readonly lines = new LineCounter()
  private readonly document: Document
  private readonly problems: Problem[] = []

  constructor(
    private readonly file: string,
    text: string
  ) {
    if (text.length > CHARACTERS_MAX) {
      throw new WrongFile(file, [new Problem({ line: 1, column: 1 }, `has more than ${CHARACTERS_MAX} characters`)])
    }
    this.document = parseDocument(text, { lineCounter: this.lines, intAsBigInt: true, prettyErrors: false })
    for (const error of this.document.errors)
      this.problems.push(new Problem(this.placeAt(error.pos[0]), sentence(error.message)))
    this.giveUpIfWrong()
  }

  read(): WrittenDemo {
    const demo = this.readTop()
    this.giveUpIfWrong()
    return demo
  }

  private readTop(): WrittenDemo {
    const top = this.resolve(this.document.contents)
    if (!isMap(top)) return this.nothing(top, 'the file must be a mapping with `title` and `steps`')
    let title = this.file
    let steps: WrittenStep[] | undefined
    for (const { key, value } of this.pairs(top)) {
      if (key.value === 'title') title = String(this.scalar(value, key.place, 'title')?.value ?? title)
      else if (key.value === 'steps') steps = this.readSteps(value, key.place)
      else this.problem(key.place, `unknown key ${String(key.value)}; the file has \`title\` and \`steps\``)
    }
    return steps ? { title, steps } : this.nothing(top, 'the file has no `steps`')
  }

  private readSteps(node: Node | null, place: Place): WrittenStep[] {
    if (!isSeq(node) || node.items.length === 0) {
      this.problem(place, '`steps` must be a list with at least one step')
      return []
    }
    if (node.items.length > STEPS_MAX) this.problem(place, `more than ${STEPS_MAX} steps`)
    return node.items.flatMap((item) => this.readStep(this.resolve(item as Node | null), place) ?? [])
  }

  private readStep(node: Node | null, listPlace: Place): WrittenStep | undefined {
    const place = node?.range ? this.placeAt(node.range[0]) : listPlace
    if (!isMap(node))
      return this.problem(
        place,
        'a step is its kind with its fields, such as `deposit: { to: dollars, amount: 5 USD }`'
      )
    const pairs = this.pairs(node)
    const expected = pairs.find(({ key }) => key.value === 'expect')
    const kinds = pairs.filter((pair) => pair !== expected)
    if (kinds.length !== 1) {
      return this.problem(
        place,
        kinds.length === 0
          ? 'a step needs its kind'
          : `a step has one kind, this one has ${kinds.map(({ key }) => key.value).join(' and ')}`
      )
    }
    const { key, value } = kinds[0]!
    const fields = this.readFields(value, key.place, String(key.value))
    const expect = expected && this.readFields(expected.value, expected.key.place, 'expect')
    if (!fields || (expected && !expect)) return undefined
    return { place: key.place, kind: String(key.value), fields, expect }
  }

  private readFields(node: Node | null, place: Place, owner: string): WrittenFields | undefined {
    if (!isMap(node)) return this.problem(place, `${owner} needs its fields as a mapping`)
    const fields = new Map<string, Written>()
    for (const { key, value } of this.pairs(node)) {
      const written = this.scalar(value, key.place, String(key.value))
      if (written) fields.set(String(key.value), written)
    }
    return fields
  }

  private pairs(node: Node): { key: Written; value: Node | null }[] {
    if (!isMap(node)) return []
    return node.items.flatMap(({ key, value }) => {
      const resolved = this.resolve(key as Node | null)
      const written = this.scalar(resolved, { line: 1, column: 1 }, 'a key')
      return written ? [{ key: written, value: this.resolve(value as Node | null) }] : []
    })
  }

  private scalar(node: Node | null, place: Place, owner: string): Written | undefined {
    if (node === null) return { place, namePlace: place, value: null }
    const at = node.range ? this.placeAt(node.range[0]) : place
    if (!isScalar(node)) return this.problem(at, `${owner} must be a single value`)
    const { value } = node
    const known = value === null || ['string', 'bigint', 'number', 'boolean'].includes(typeof value)
    return known
      ? { place: at, namePlace: place, value: value as Written['value'] }
      : this.problem(at, `${owner} must be a text, a number, true or false`)
  }

  private resolve(node: Node | null): Node | null {
    return isAlias(node) ? (node.resolve(this.document) ?? null) : node
  }

  private placeAt(offset: number): Place {
    const { line, col } = this.lines.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }

  private problem(place: Place, reason: string): undefined {
    this.problems.push(new Problem(place, reason))
    return undefined
  }

  private nothing(node: Node | null, reason: string): WrittenDemo {
    this.problem(node?.range ? this.placeAt(node.range[0]) : { line: 1, column: 1 }, reason)
    return { title: '', steps: [] }
  }

  private giveUpIfWrong(): void {
    if (this.problems.length > 0) throw new WrongFile(this.file, this.problems)
  }
}

/** The library's messages, as one line that goes with ours. */
function sentence(message: string): string {
  return `YAML: ${message.split('\n')[0]!}`
}
