import type { DocumentNode, GraphQLError, GraphQLSchema } from 'graphql'
import { execute, parse, validate } from 'graphql'
import type { JsonRecord } from '../stage/json-input.ts'
import { asRecord, asText, parseJson } from '../stage/json-input.ts'
import type { Context } from './admin-api.ts'

export interface GraphqlAnswer {
  readonly status: number
  readonly body: unknown
}

/** Answers one POSTed operation as the server behind Vendure does: 400 for what cannot be run, 200 for everything that ran. */
export type GraphqlHttp = (text: string, context: Context) => Promise<GraphqlAnswer>

export function createGraphqlHttp(schema: GraphQLSchema, rootValue: unknown): GraphqlHttp {
  const known = new Map<string, DocumentNode>()
  return async (text, contextValue) => {
    const body = asRecord(parseJson(text))
    const source = asText(body['query'])
    if (source === undefined)
      return refusal([{ message: 'GraphQL operations must contain a non-empty `query` or a `persistedQuery` extension.' }], 'BAD_REQUEST')
    const document = known.get(source) ?? prepare(schema, source)
    if ('status' in document) return document
    if (known.size < 200) known.set(source, document)
    const result = await execute({
      schema,
      document,
      rootValue,
      contextValue,
      variableValues: asRecord(body['variables']),
      operationName: asText(body['operationName']) ?? null,
    })
    const unusable = result.data === undefined
    return { status: unusable ? 400 : 200, body: unusable ? { errors: coded(result.errors ?? [], 'BAD_USER_INPUT') } : result }
  }
}

function prepare(schema: GraphQLSchema, source: string): DocumentNode | GraphqlAnswer {
  let document: DocumentNode
  try {
    document = parse(source)
  } catch (error) {
    return refusal([{ message: error instanceof Error ? error.message : 'Syntax Error' }], 'GRAPHQL_PARSE_FAILED')
  }
  const errors = validate(schema, document)
  return errors.length > 0 ? { status: 400, body: { errors: coded(errors, 'GRAPHQL_VALIDATION_FAILED') } } : document
}

function coded(errors: readonly GraphQLError[], code: string): JsonRecord[] {
  return errors.map((error) => ({ ...error.toJSON(), extensions: { ...error.extensions, code } }))
}

function refusal(errors: readonly JsonRecord[], code: string): GraphqlAnswer {
  return { status: 400, body: { errors: errors.map((error) => ({ ...error, extensions: { code } })) } }
}
