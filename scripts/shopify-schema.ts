// Cuts the part out of Shopify's Admin schema that our documents and the simulator use, and checks both against the whole.
//
// The whole schema (11 MB) comes from Shopify's npm package @shopify/dev-mcp (ISC), fetched once into the cache folder.
// Usage: npx tsx scripts/shopify-schema.ts [--check]   writes sandbox/shopify/admin.graphql; --check only compares
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import {
  buildClientSchema,
  getNamedType,
  GraphQLDirective,
  GraphQLEnumType,
  GraphQLInputObjectType,
  GraphQLInterfaceType,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLUnionType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
  parse,
  printSchema,
  GraphQLList,
  GraphQLNonNull,
  specifiedDirectives,
  TypeInfo,
  validate,
  visit,
  visitWithTypeInfo,
  type DocumentNode,
  type GraphQLNamedType,
  type GraphQLType,
} from 'graphql'
import * as documents from '../connectors/shopify/documents.ts'

const PACKAGE = '@shopify/dev-mcp@1.16.0'
const VERSIONS = ['2026-07', '2026-10'] as const
const cache = join(homedir(), '.cache', 'channel-hub', 'shopify-schema-1.16.0')
const file = fileURLToPath(new URL('../sandbox/shopify/admin.graphql', import.meta.url))
const extra = fileURLToPath(new URL('../sandbox/shopify/also-answered.graphql', import.meta.url))

/** Every document of the connector by its name. */
export function connectorDocuments(): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const [name, value] of Object.entries(documents)) if (typeof value === 'string') found.set(name, value)
  for (const [name, value] of Object.entries(documents.REST)) found.set(`REST.${name}`, value)
  found.set('bulkOrders', documents.bulkOrders("updated_at:>='2026-01-01T00:00:00Z'"))
  return found
}

/** The whole schema of a version, from the cache; `undefined` when it was never fetched. */
export function wholeSchema(version: (typeof VERSIONS)[number]): GraphQLSchema | undefined {
  const path = join(cache, 'package', 'dist', 'data', `admin_${version}.json.gz`)
  if (!existsSync(path)) return undefined
  return buildClientSchema(JSON.parse(gunzipSync(readFileSync(path)).toString('utf8')).data)
}

function fetchWhole(): void {
  if (VERSIONS.every((version) => existsSync(join(cache, 'package', 'dist', 'data', `admin_${version}.json.gz`)))) return
  mkdirSync(cache, { recursive: true })
  const packed = execFileSync('npm', ['pack', '--silent', PACKAGE], { cwd: cache, encoding: 'utf8' }).trim()
  const members = VERSIONS.map((version) => `package/dist/data/admin_${version}.json.gz`)
  execFileSync('tar', ['-xzf', packed, ...members], { cwd: cache })
}

type Used = Map<string, Set<string>>

/** Fields of each type that some document names; input objects and enums are taken whole, as far as they lead to leaves. */
function usedBy(schema: GraphQLSchema, all: readonly DocumentNode[]): Used {
  const used: Used = new Map()
  const add = (type: GraphQLNamedType | undefined | null, field?: string): void => {
    if (!type) return
    const fields = used.get(type.name) ?? new Set<string>()
    if (field !== undefined) fields.add(field)
    used.set(type.name, fields)
  }
  const addInput = (type: GraphQLNamedType): void => {
    if (used.has(type.name) && isInputObjectType(type)) return
    add(type)
    if (!isInputObjectType(type)) return
    for (const field of Object.values(type.getFields())) {
      if (!isLeafType(getNamedType(field.type)) && !INPUTS.has(getNamedType(field.type).name)) continue
      add(type, field.name)
      addInput(getNamedType(field.type))
    }
  }
  for (const document of all) {
    const info = new TypeInfo(schema)
    visit(
      document,
      visitWithTypeInfo(info, {
        Field() {
          const parent = info.getParentType()
          const field = info.getFieldDef()
          if (!field || field.name.startsWith('__')) return
          add(parent, field.name)
          add(getNamedType(field.type))
        },
        Argument() {
          const parent = info.getParentType()
          const argument = info.getArgument()
          if (!argument) return
          if (parent && !info.getDirective()) add(parent, `${info.getFieldDef()?.name}(${argument.name}`)
          addInput(getNamedType(argument.type))
        },
        InlineFragment: () => add(info.getType() ? getNamedType(info.getType()) : undefined),
        VariableDefinition() {
          const type = info.getInputType()
          if (type) addInput(getNamedType(type))
        },
      }),
    )
  }
  used.get('Node')?.add('id')
  // What an interface has, each of its types has.
  for (const name of used.keys()) {
    const type = schema.getType(name)
    if (!isObjectType(type)) continue
    for (const one of type.getInterfaces()) for (const field of used.get(one.name) ?? []) used.get(name)?.add(field)
  }
  return used
}

/** Input objects that our input objects may hold. */
const INPUTS: ReadonlySet<string> = new Set([
  'InventoryQuantityInput',
  'FulfillmentOrderLineItemsInput',
  'FulfillmentOrderLineItemInput',
  'FulfillmentTrackingInput',
])

/** The same schema with nothing but what is used. */
function cut(schema: GraphQLSchema, used: Used): GraphQLSchema {
  const made = new Map<string, GraphQLNamedType>()
  const named = (type: GraphQLNamedType): GraphQLNamedType => {
    const known = made.get(type.name)
    if (known) return known
    const fresh = remade(type)
    made.set(type.name, fresh)
    return fresh
  }
  const wrap = <T extends GraphQLType>(type: T): T => {
    if (isNonNullType(type)) return new GraphQLNonNull(wrap(type.ofType)) as unknown as T
    if (isListType(type)) return new GraphQLList(wrap(type.ofType)) as unknown as T
    return named(type as unknown as GraphQLNamedType) as unknown as T
  }
  const keeps = (type: string, field: string): boolean => used.get(type)?.has(field) ?? false
  const fieldsOf = (type: GraphQLObjectType | GraphQLInterfaceType) => () =>
    Object.fromEntries(
      Object.values(type.getFields())
        .filter((field) => keeps(type.name, field.name))
        .map((field) => [
          field.name,
          {
            type: wrap(field.type),
            args: Object.fromEntries(
              field.args
                .filter((argument) => isNonNullType(argument.type) || keeps(type.name, `${field.name}(${argument.name}`))
                .map((argument) => [argument.name, { type: wrap(argument.type), defaultValue: argument.defaultValue }]),
            ),
          },
        ]),
    )
  const remade = (type: GraphQLNamedType): GraphQLNamedType => {
    if (isObjectType(type)) {
      const interfaces = () =>
        type
          .getInterfaces()
          .filter((one) => used.has(one.name))
          .map((one) => named(one) as GraphQLInterfaceType)
      return new GraphQLObjectType({ name: type.name, interfaces, fields: fieldsOf(type) })
    }
    if (isInterfaceType(type)) return new GraphQLInterfaceType({ name: type.name, fields: fieldsOf(type) })
    if (isUnionType(type))
      return new GraphQLUnionType({
        name: type.name,
        types: () =>
          type
            .getTypes()
            .filter((one) => used.has(one.name))
            .map((one) => named(one) as GraphQLObjectType),
      })
    if (isEnumType(type))
      return new GraphQLEnumType({ name: type.name, values: Object.fromEntries(type.getValues().map((value) => [value.name, {}])) })
    if (isInputObjectType(type)) {
      const fields = () =>
        Object.fromEntries(
          Object.values(type.getFields())
            .filter((field) => keeps(type.name, field.name))
            .map((field) => [field.name, { type: wrap(field.type), defaultValue: field.defaultValue }]),
        )
      return new GraphQLInputObjectType({ name: type.name, isOneOf: type.isOneOf, fields })
    }
    return type
  }
  const implementing = Object.values(schema.getTypeMap()).filter(
    (type) => isObjectType(type) && used.has(type.name) && (used.get(type.name)?.size ?? 0) > 0,
  )
  const idempotent = schema.getDirective('idempotent')
  return new GraphQLSchema({
    query: named(schema.getQueryType() as GraphQLNamedType) as GraphQLObjectType,
    mutation: named(schema.getMutationType() as GraphQLNamedType) as GraphQLObjectType,
    types: implementing.map(named),
    directives: [...specifiedDirectives, ...(idempotent ? [new GraphQLDirective({ ...idempotent.toConfig(), description: null })] : [])],
  })
}

const HEAD = `# Part of Shopify's GraphQL Admin API 2026-10: exactly what the connector's documents and also-answered.graphql name.
# Cut by scripts/shopify-schema.ts from the schema in ${PACKAGE} (ISC). Do not edit.
`

function main(): void {
  fetchWhole()
  const newest = wholeSchema('2026-10')
  if (!newest) throw new Error('The whole schema was not found in the package.')
  const extraDocument = parse(readFileSync(extra, 'utf8'))
  const all = [...connectorDocuments().values()].map((text) => parse(text))
  for (const version of VERSIONS) {
    const schema = wholeSchema(version)
    if (!schema) continue
    for (const document of [...all, extraDocument]) {
      const errors = validate(schema, document).filter((error) => !error.message.includes('is never used'))
      if (errors.length > 0) throw new Error(`${version}: ${errors.map((error) => error.message).join('; ')}`)
    }
  }
  const text = `${HEAD}${printSchema(cut(newest, usedBy(newest, [...all, extraDocument])))}\n`
  if (process.argv.includes('--check')) {
    if (readFileSync(file, 'utf8') === text) return
    process.stderr.write('sandbox/shopify/admin.graphql is not what the documents need; run: npx tsx scripts/shopify-schema.ts\n')
    process.exitCode = 1
    return
  }
  writeFileSync(file, text)
  process.stdout.write(`wrote sandbox/shopify/admin.graphql, ${text.split('\n').length} lines; all documents fit ${VERSIONS.join(' and ')}\n`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main()
