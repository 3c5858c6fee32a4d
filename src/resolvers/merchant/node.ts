import { Field, ID, InterfaceType } from 'type-graphql'

@InterfaceType('Node', { description: 'What has a global id and is found by it.' })
export abstract class Node {
  @Field(() => ID, { description: 'Global id.' })
  id!: string
}
