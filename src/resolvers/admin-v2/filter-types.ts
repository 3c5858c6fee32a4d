import { Field, InputType } from 'type-graphql'

@InputType('FilterString', { description: 'Values that entries of a list are chosen by.' })
export class FilterString {
  @Field(() => [String], {
    description: 'Lists the entries that have one of these values; an empty list lists all entries.'
  })
  in!: string[]
}

/** What a filter restricts to; undefined for a filter that is absent or empty. */
export function filteredBy(filter: FilterString | null | undefined): readonly string[] | undefined {
  return filter && filter.in.length > 0 ? filter.in : undefined
}
