import { readFile } from 'node:fs/promises'
import pg from 'pg'
import { beforeAll, describe, expect, inject, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'

const health = z.object({ test: z.array(z.string()) })
const serviceSchema = z.object({
  image: z.string(),
  build: z.string().optional(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).default({}),
  ports: z.array(z.string()).default([]),
  healthcheck: health.optional(),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  container_name: z.string().optional(),
})
const fileSchema = z.object({
  services: z.record(z.string(), serviceSchema),
  configs: z.record(z.string(), z.object({ content: z.string() })),
})
type Compose = z.output<typeof fileSchema>

let compose: Compose
let text: string
beforeAll(async () => {
  text = await readFile('docker-compose.yml', 'utf8')
  compose = fileSchema.parse(parse(text, { merge: true }))
})

describe('docker-compose.yml', () => {
  test('runs the hub beside PostgreSQL, Temporal on it, and its console', () => {
    expect(Object.keys(compose.services).toSorted()).toEqual(['api', 'migrate', 'postgres', 'temporal', 'temporal-schema', 'temporal-ui', 'worker'])
  })

  test('publishes every port on loopback only', () => {
    const ports = Object.values(compose.services).flatMap((service) => service.ports)
    expect(ports.length).toBeGreaterThan(0)
    expect(ports.filter((port) => !/^127\.0\.0\.1:\$\{\w+:-\d+\}:\d+$/.test(port))).toEqual([])
  })

  test('pins every image, names no container and carries no secret', () => {
    for (const { image, container_name } of Object.values(compose.services)) {
      expect(image).toMatch(/:\d+(\.\d+)+$/)
      expect(container_name).toBeUndefined()
    }
    const values = Object.values(compose.services).flatMap((service) => Object.entries(service.environment))
    const secrets = values.filter(([name]) => /PASSWORD|PWD|KEY|DATABASE_URL/.test(name))
    expect(secrets.length).toBeGreaterThan(5)
    for (const [, value] of secrets) expect(value).toMatch(/\$\{\w+:\?[^}]+\}/)
  })

  test('asks for a health check of everything that others wait to be healthy', () => {
    const awaited = Object.values(compose.services).flatMap((service) =>
      Object.entries(service.depends_on).flatMap(([name, { condition }]) => (condition === 'service_healthy' ? [name] : [])),
    )
    for (const name of ['api', 'worker', ...awaited]) expect(compose.services[name]?.healthcheck?.test.length, name).toBeGreaterThan(0)
  })

  test('gives every variable it asks for an entry in .env.example', async () => {
    const example = await readFile('.env.example', 'utf8')
    const named = [...text.matchAll(/\$\{(\w+)/g)].map((match) => match[1] ?? '')
    expect(named.filter((name) => !example.includes(`# ${name}=`))).toEqual([])
  })

  test('makes roles that are no superusers and a UTF-8 database, from the script in the file', async () => {
    const { adminUrl } = inject('postgres')
    const client = new pg.Client({ connectionString: adminUrl })
    await client.connect()
    try {
      // Under other names, because the test server has a role and a database called hub already.
      const script = compose.configs['database-roles']?.content ?? ''
      const statements = [...script.matchAll(/^\s*(create [^;]+);/gm)].map((match) => match[1] ?? '')
      expect(statements).toHaveLength(3)
      for (const statement of statements) {
        await client.query(statement.replaceAll(/:'(\w+)'/g, "'secret-$1'").replaceAll(/(role|database|owner) (hub|temporal)\b/g, '$1 compose_$2'))
      }
      const roles = await client.query("select rolname, rolsuper, rolcreatedb from pg_roles where rolname like 'compose_%' order by 1")
      expect(roles.rows).toEqual([
        { rolname: 'compose_hub', rolsuper: false, rolcreatedb: false },
        { rolname: 'compose_temporal', rolsuper: false, rolcreatedb: true },
      ])
      const made = await client.query("select pg_encoding_to_char(encoding) as encoding, datcollate from pg_database where datname = 'compose_hub'")
      expect(made.rows).toEqual([{ encoding: 'UTF8', datcollate: 'C' }])
    } finally {
      for (const statement of ['drop database if exists compose_hub', 'drop role if exists compose_hub', 'drop role if exists compose_temporal'])
        await client.query(statement)
      await client.end()
    }
  })
})
