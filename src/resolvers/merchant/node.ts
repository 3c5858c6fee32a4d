import { Field, ID, InterfaceType } from 'type-graphql'

@InterfaceType('Node', { description: 'Something with a global id, by which `node` finds it.' })
export abstract class Node {
  @Field(() => ID, { description: 'Global id of this object, by which `node` finds it.' })
  id!: string
}
