/**
 * The object without the members that are null: some senders write out every member they know, and null then means
 * absent. Anything but an object is returned as it is.
 */
export function withoutNulls<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null)) as Value
}
