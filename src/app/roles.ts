import { createLog } from './log.ts'
import { startHub, type HubParts } from './hub.ts'
import type { Settings } from './settings.ts'
import { stopOnSignals, type ServiceUrls } from './supervise.ts'

/** `hub api`: the HTTP side alone; any number of them may run. */
export const runApi = (settings: Settings): Promise<number> => runPart(settings, { api: true, worker: false, migrate: false })

/** `hub worker`: the working side alone, with a health address of its own; any number of them may run. */
export const runWorker = (settings: Settings): Promise<number> => runPart(settings, { api: false, worker: true, migrate: false })

async function runPart(settings: Settings, parts: HubParts): Promise<number> {
  const urls = configuredServices(settings)
  const say = (line: string): void => void process.stdout.write(`${line}\n`)
  const stop = stopOnSignals()
  const hub = await startHub({ settings, urls, parts, log: createLog(settings.logLevel), say })
  say(`ready ${hub.url}`)
  const stopped = new Promise<void>((resolve) => stop.addEventListener('abort', () => resolve(), { once: true }))
  await Promise.race([stopped, hub.ended])
  await hub.stop()
  return stop.aborted ? 0 : 1
}

function configuredServices(settings: Settings): ServiceUrls {
  const { url, directUrl } = settings.database
  const { address, namespace } = settings.temporal
  if (url === undefined || address === undefined)
    throw new Error('Set DATABASE_URL and TEMPORAL_ADDRESS, or run "hub start", which brings both along.')
  return { databaseUrl: url, directUrl: directUrl ?? url, temporalAddress: address, temporalNamespace: namespace, embeddedDatabase: false }
}
