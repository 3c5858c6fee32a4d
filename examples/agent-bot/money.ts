/** Local money: decimals on the wire, whole hundredths inside. */

const LOCAL_AMOUNT = /^(\d{1,18})(?:\.(\d{1,2}))?$/

/** In hundredths. @throws RangeError */
export function parseLocal(text: string): bigint {
  const [, whole, fraction = ''] = LOCAL_AMOUNT.exec(text) ?? []
  if (whole === undefined) throw new RangeError(`${text} is no amount with at most two decimals`)
  return BigInt(whole + fraction.padEnd(2, '0'))
}

export function formatLocal(hundredths: bigint): string {
  const digits = (hundredths < 0n ? -hundredths : hundredths).toString().padStart(3, '0')
  const fraction = digits.slice(-2).replace(/0$/, '')
  return `${hundredths < 0n ? '-' : ''}${digits.slice(0, -2)}.${fraction}`
}
