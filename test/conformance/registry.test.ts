import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { registry } from '../../connectors/index.ts'
import { mappings } from '../../mappings/index.ts'

const folders = readdirSync(new URL('../../connectors/', import.meta.url), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)

const inBoth = (value: unknown): boolean => {
  const label = z.object({ en: z.string().min(1), zh: z.string().min(1) }).safeParse(value)
  return label.success
}

describe('the registry', () => {
  it('holds exactly the folders, sorted, and each has its mapping', () => {
    expect([...registry.keys()]).toEqual([...folders].sort())
    expect([...mappings.keys()].sort()).toEqual([...folders].sort())
  })

  it.each(folders)('%s declares what it does, and does what it declares', (id) => {
    const connector = registry.get(id)
    expect(connector?.manifest.id).toBe(id)
    const declared = Object.keys(connector?.manifest.capabilities ?? {})
    const functions: Readonly<Record<string, unknown>> = { ...connector }
    expect(declared.filter((name) => typeof functions[name] !== 'function')).toEqual([])
    expect(
      Object.keys(functions).filter(
        (name) => typeof functions[name] === 'function' && !['check', 'classify', 'routeWebhook', ...declared].includes(name),
      ),
    ).toEqual([])
    expect(inBoth(connector?.manifest.title)).toBe(true)
  })

  it.each(folders)('%s describes its settings in both languages and gives no secret a default', (id) => {
    const manifest = registry.get(id)?.manifest
    const properties = (schema: z.ZodType | undefined) =>
      z
        .object({ properties: z.record(z.string(), z.looseObject({})).default({}) })
        .parse(schema && z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })).properties
    const [config, secrets] = [properties(manifest?.config), properties(manifest?.secrets)]
    for (const [name, property] of Object.entries({ ...config, ...secrets })) expect([name, inBoth(property['title'])]).toEqual([name, true])
    for (const [name, property] of Object.entries(secrets)) expect([name, property['default']]).toEqual([name, undefined])
  })
})
