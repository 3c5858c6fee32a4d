/** HTML in which nothing that came from elsewhere can be anything but text. */

/** Markup that is safe to send as it is. Made by `html` alone. */
export class Markup {
  constructor(readonly text: string) {}
}

type Part = Markup | string | number | null | undefined | false | readonly Part[]

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;'
}

/** What stands between the literal parts is escaped, unless it is markup itself. Nothing is `null` or `false`. */
export function html(literals: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return new Markup(literals.reduce((text, literal, index) => `${text}${textOf(parts[index - 1])}${literal}`))
}

function textOf(part: Part): string {
  if (part == null || part === false) return ''
  if (part instanceof Markup) return part.text
  if (typeof part === 'object') return part.map(textOf).join('')
  return String(part).replace(/[&<>"']/g, (character) => ESCAPES[character]!)
}
