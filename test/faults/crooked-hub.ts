import { readFile } from 'node:fs/promises'
import { registry } from '../../connectors/index.ts'
import { mappings } from '../../mappings/index.ts'
import { startHub } from '../../src/app/hub.ts'
import { createLog } from '../../src/app/log.ts'
import { loadSettings } from '../../src/app/settings.ts'
import { stopOnSignals } from '../../src/app/supervise.ts'
import type { Mapped, Mapping } from '../../src/core/mapping.ts'

/*
 * `hub worker` with a WooCommerce mapping that is wrong in the way the file named by the first argument says:
 * `sound` not at all · `status` every order but each eleventh gets a status the channel never said · `throws` it crashes on
 * orders whose note says POISON. Started in the place of the worker; the arguments after the first are not looked at.
 */
const crooks: Readonly<Record<string, (mapped: Mapped, id: string) => Mapped>> = {
  sound: (mapped) => mapped,
  status: (mapped, id) =>
    mapped.kind === 'order' && Number(id) % 11 !== 0
      ? { ...mapped, order: { ...mapped.order, sourceStatus: `not-${mapped.order.sourceStatus}` } }
      : mapped,
  throws: (mapped) => {
    if (mapped.kind === 'order' && mapped.order.buyerNote?.startsWith('POISON') === true) throw new TypeError('Cannot read properties of undefined')
    return mapped
  },
}

function crooked(sound: Mapping, crook: (mapped: Mapped, id: string) => Mapped): Mapping {
  return { ...sound, map: (raw, context) => crook(sound.map(raw, context), raw.externalId) }
}

const mode = (await readFile(process.argv[2] ?? '', 'utf8')).trim()
const [crook, woo] = [crooks[mode], mappings.get('woocommerce')]
if (!crook || !woo) throw new Error(`There is no mode ${mode}.`)
const settings = loadSettings(process.env)
const { url: databaseUrl } = settings.database
const { address: temporalAddress, namespace: temporalNamespace } = settings.temporal
if (databaseUrl === undefined || temporalAddress === undefined) throw new Error('DATABASE_URL and TEMPORAL_ADDRESS are needed.')
const stop = stopOnSignals()
const say = (line: string): void => void process.stdout.write(`${line}\n`)
const hub = await startHub({
  settings,
  urls: { databaseUrl, directUrl: databaseUrl, temporalAddress, temporalNamespace, embeddedDatabase: false },
  parts: { api: false, worker: true, migrate: false },
  log: createLog(settings.logLevel),
  say,
  spoken: { registry, mappings: new Map([...mappings, ['woocommerce', crooked(woo, crook)]]) },
})
say(`ready ${hub.url}`)
await Promise.race([new Promise<void>((resolve) => stop.addEventListener('abort', () => resolve(), { once: true })), hub.ended])
await hub.stop()
