import { existsSync, readFileSync } from 'node:fs'
import { expect } from 'vitest'
import { z } from 'zod'
import { needs, type Check } from '../check.ts'
import { placeOf } from '../folders.ts'
import { mappedFixtures } from '../fixtures.ts'
import { sourcesOf } from '../sources.ts'
import { propertiesOf } from '../settings.ts'
import { capabilitiesOf } from '../subject.ts'

const label = z.object({ en: z.string().min(1), zh: z.string().min(1) })
/** Functions beside the capabilities. */
const ALWAYS: readonly string[] = ['check', 'classify', 'routeWebhook']
/** Ways around the one door to channels. */
const SIDE_DOORS = /from '(?:node:)?(?:https?|http2|net|tls|dgram|undici)'|\bfetch\(|\bXMLHttpRequest\b|\bWebSocket\b/
const MIN_FIXTURES = 20

export const declaring: readonly Check[] = [
  {
    id: 'identity',
    title: 'id, folder, mapping, titles and page agree; what is not experimental has at least 20 documents',
    run: async ({ id, connector: { manifest }, mapping }) => {
      expect([manifest.id, mapping.channel]).toEqual([id, id])
      expect(label.safeParse(manifest.title).success).toBe(true)
      expect(existsSync(placeOf(id, `../docs/channels/${id}.md`)) || existsSync(`docs/channels/${id}.md`)).toBe(true)
      if (manifest.stability !== 'experimental') expect((await mappedFixtures(id)).length).toBeGreaterThanOrEqual(MIN_FIXTURES)
    },
  },
  {
    id: 'capabilities',
    title: 'every declared capability is a function, and every function is declared',
    run: async (subject) => {
      const declared = Object.keys(capabilitiesOf(subject))
      const functions = Object.entries({ ...subject.connector }).flatMap(([name, value]) => (typeof value === 'function' ? [name] : []))
      expect(declared.filter((name) => !functions.includes(name))).toEqual([])
      expect(functions.filter((name) => !ALWAYS.includes(name) && !declared.includes(name))).toEqual([])
    },
  },
  {
    id: 'settings',
    title: 'settings are named in English and Chinese, and no secret has a default',
    run: async ({ connector: { manifest } }) => {
      const [config, secrets] = [propertiesOf(manifest.config), propertiesOf(manifest.secrets)]
      for (const [name, property] of Object.entries({ ...config, ...secrets })) {
        expect([name, label.safeParse(property['title']).success]).toEqual([name, true])
        const said = property['description']
        if (said !== undefined) expect([name, label.safeParse(said).success]).toEqual([name, true])
      }
      for (const [name, property] of Object.entries(secrets)) expect([name, property['default']]).toEqual([name, undefined])
      expect(Object.keys(secrets).filter((name) => name in config)).toEqual([])
    },
  },
  {
    id: 'streams',
    title: 'streams and limits are possible: an overlap shorter than the window, rates above zero',
    beside: needs('pullOrders'),
    run: async (subject) => {
      const { limits } = subject.connector.manifest
      for (const stream of capabilitiesOf(subject).pullOrders?.streams ?? []) {
        expect(stream.everySeconds).toBeGreaterThan(0)
        expect(stream.pageSize).toBeGreaterThan(0)
        if (stream.maxWindowHours !== undefined) expect(stream.overlapSeconds ?? 0).toBeLessThan(stream.maxWindowHours * 1800)
      }
      for (const limit of limits) expect(Math.min(limit.calls, limit.perSeconds, limit.burst ?? 1)).toBeGreaterThan(0)
      expect(new Set(limits.map((limit) => limit.id)).size).toBe(limits.length)
    },
  },
  {
    id: 'one-door',
    title: 'the connector opens no connection past the hub’s HTTP door',
    beside: ({ connector }) => (connector.manifest.kind === 'files' ? 'opens SFTP itself, address by address' : undefined),
    run: async ({ id }) => {
      const files = sourcesOf(id)
      expect(files.length).toBeGreaterThan(1)
      expect(files.filter((file) => SIDE_DOORS.test(readFileSync(file, 'utf8'))).map((file) => file.pathname.split('/').at(-1))).toEqual([])
    },
  },
]
