import { readFileSync } from 'node:fs'
import { buildSchema, isEnumType, isInputObjectType, isInterfaceType, isObjectType, parse, validate, type GraphQLSchema } from 'graphql'
import { describe, expect, it } from 'vitest'
import { connectorDocuments, wholeSchema } from '../../../scripts/shopify-schema.ts'

const part = buildSchema(readFileSync('sandbox/shopify/admin.graphql', 'utf8'))
const documents = [...connectorDocuments()]

/** Shopify's own schema from its npm package, where somebody fetched it (`npx tsx scripts/shopify-schema.ts`). */
const whole = (['2026-07', '2026-10'] as const).flatMap((version) => {
  const schema = wholeSchema(version)
  return schema ? [{ version, schema }] : []
})

describe('the documents of the connector', () => {
  it.each(documents)('%s fits the schema', (_, text) => {
    expect(validate(part, parse(text)).map((error) => error.message)).toEqual([])
  })

  it('are refused when a field is misspelt', () => {
    const [, text = ''] = documents.find(([name]) => name === 'ORDERS') ?? []
    expect(validate(part, parse(text.replace('displayFinancialStatus', 'displayFinancialState')))).toHaveLength(1)
  })

  it.each(whole)('fit the whole schema of $version as well, and the simulator answers by a part of it', ({ version, schema }) => {
    for (const [name, text] of documents) expect([name, validate(schema, parse(text)).map((error) => error.message)]).toEqual([name, []])
    // The part was cut from the newer one.
    if (version === '2026-10') expect(strangers(part, schema)).toEqual([])
  })
})

/** What the part has and the whole has not, or has in another form. */
function strangers(small: GraphQLSchema, large: GraphQLSchema): readonly string[] {
  const found: string[] = []
  for (const type of Object.values(small.getTypeMap())) {
    const other = large.getType(type.name)
    if (!other && !type.name.startsWith('__')) found.push(type.name)
    if ((isObjectType(type) && isObjectType(other)) || (isInterfaceType(type) && isInterfaceType(other))) {
      for (const field of Object.values(type.getFields())) {
        const same = other.getFields()[field.name]
        if (String(same?.type) !== String(field.type)) found.push(`${type.name}.${field.name}`)
        for (const argument of field.args)
          if (String(same?.args.find((one) => one.name === argument.name)?.type) !== String(argument.type))
            found.push(`${type.name}.${field.name}(${argument.name})`)
      }
    }
    if (isInputObjectType(type) && isInputObjectType(other))
      for (const field of Object.values(type.getFields()))
        if (String(other.getFields()[field.name]?.type) !== String(field.type)) found.push(`${type.name}.${field.name}`)
    if (isEnumType(type) && isEnumType(other)) {
      const names = new Set(other.getValues().map((value) => value.name))
      found.push(...type.getValues().flatMap((value) => (names.has(value.name) ? [] : [`${type.name}.${value.name}`])))
    }
  }
  return found
}
