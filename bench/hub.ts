import { registry } from '../connectors/index.ts'
import { mappings } from '../mappings/index.ts'
import { loadSettings } from '../src/app/settings.ts'
import { start } from '../src/app/start.ts'
import type { AnyConnector } from '../src/core/connector.ts'
import { bench, benchLimited } from './channel/connector.ts'
import { benchMapping } from './channel/mapping.ts'

/** `hub start` with one more channel, the measured one: everything else as shipped. Settings from the environment. */
const connectors: readonly AnyConnector[] = [bench, benchLimited]
process.exitCode = await start(loadSettings(process.env), {
  registry: new Map([...registry, ...connectors.map((connector) => [connector.manifest.id, connector] as const)]),
  mappings: new Map([...mappings, ...connectors.map(({ manifest }) => [manifest.id, { ...benchMapping, channel: manifest.id }] as const)]),
})
