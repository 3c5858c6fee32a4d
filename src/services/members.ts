/**
 * What others send as null is, to us, not there: some write down every member that they know. What is no object
 * is left as it is.
 */
export function withoutNulls<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null)) as Value
}
