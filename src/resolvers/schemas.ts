/** Every schema that the service serves, under the name of its file in `schema/`. */
import { lexicographicSortSchema, printSchema, type GraphQLSchema } from 'graphql'
import type { DependencyContainer } from 'tsyringe'
import { buildAdminV1Schema } from './admin-v1/schema'
import { buildAdminV2Schema } from './admin-v2/schema'
import { buildAgentSchema } from './agent/schema'
import { buildMerchantSchema } from './merchant/schema'

export const SCHEMAS: Readonly<Record<string, (container: DependencyContainer) => GraphQLSchema>> = {
  'admin-v1': buildAdminV1Schema,
  'admin-v2': buildAdminV2Schema,
  agent: buildAgentSchema,
  merchant: buildMerchantSchema
}

/** A schema in the schema definition language, sorted, so that equal schemas have equal texts. */
export function printSorted(schema: GraphQLSchema): string {
  return `${printSchema(lexicographicSortSchema(schema))}\n`
}
