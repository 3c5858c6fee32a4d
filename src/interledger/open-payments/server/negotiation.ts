/** Which of two things a client wants, by its `Accept` header. */

const RANGE = /^\s*([\w!#$&^.+*-]+)\/([\w!#$&^.+*-]+)\s*((?:;[^;]*)*)$/
const NO_WEIGHT = /;\s*q=0(?:\.0{0,3})?\s*(?:;|$)/i

/** Whether a header admits a type: by its name, by a wildcard, or by its absence. The most exact range decides. */
export function accepts(header: string | undefined, type: string): boolean {
  if (header === undefined || header.trim() === '') return true
  const [main, sub] = type.split('/')
  let best: { exactness: number; isAdmitted: boolean } | undefined
  for (const part of header.toLowerCase().split(',')) {
    const [, rangeMain, rangeSub, parameters = ''] = RANGE.exec(part) ?? []
    if (rangeMain === undefined) continue
    const isMatch = (rangeMain === '*' || rangeMain === main) && (rangeSub === '*' || rangeSub === sub)
    if (!isMatch) continue
    const exactness = Number(rangeMain !== '*') + Number(rangeSub !== '*')
    if (!best || exactness >= best.exactness) best = { exactness, isAdmitted: !NO_WEIGHT.test(parameters) }
  }
  return best?.isAdmitted ?? false
}

export const SPSP_TYPE = 'application/spsp4+json'
export const JSON_MEDIA_TYPE = 'application/json'
