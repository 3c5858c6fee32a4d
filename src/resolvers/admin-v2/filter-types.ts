import { Field, InputType } from 'type-graphql'

@InputType('FilterString', { description: 'A choice of texts.' })
export class FilterString {
  @Field(() => [String], { description: 'Lists what has one of these; an empty list lists everything.' })
  in!: string[]
}

/** What a filter restricts to; undefined for a filter that is absent or empty. */
export function filteredBy(filter: FilterString | null | undefined): readonly string[] | undefined {
  return filter && filter.in.length > 0 ? filter.in : undefined
}
