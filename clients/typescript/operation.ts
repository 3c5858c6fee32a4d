/**
 * A GraphQL operation as text that knows the types of its variables and of its result.
 *
 * It is a string wherever a string is wanted, and it carries its types in the way that other clients look for them
 * (`__apiType`), so it can be handed to them as well.
 */
export class Operation<Result, Variables> extends String {
  /** Never there at run time. */
  declare readonly __apiType?: (variables: Variables) => Result

  constructor(
    readonly operationName: string,
    text: string
  ) {
    super(text)
  }
}
