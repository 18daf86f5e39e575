import { readdirSync } from 'node:fs'
import { connectorsFolder } from './folders.ts'
import { registry } from '../../../connectors/index.ts'
import { mappings } from '../../../mappings/index.ts'
import type { AnyConnector, Capabilities, Stream } from '../../../src/core/connector.ts'
import type { Mapping } from '../../../src/core/mapping.ts'

/** One connector on trial, with the mapping of its documents. */
export interface Subject {
  readonly id: string
  readonly connector: AnyConnector
  readonly mapping: Mapping
}

/** Folders below connectors/: a channel that is not in a registry is found all the same, and fails. */
export const channelFolders: readonly string[] = readdirSync(connectorsFolder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
  .sort()

/** @throws Error when the folder is not registered or has no mapping */
export function subjectOf(id: string): Subject {
  const [connector, mapping] = [registry.get(id), mappings.get(id)]
  if (!connector) throw new Error(`connectors/${id} is not in connectors/index.ts.`)
  if (!mapping) throw new Error(`mappings/index.ts has no mapping for ${id}.`)
  return { id, connector, mapping }
}

export const capabilitiesOf = ({ connector }: Subject): Capabilities => connector.manifest.capabilities

/** The stream the hub reads orders from by change time, where the channel has one. */
export const windowStream = (subject: Subject): Stream | undefined =>
  capabilitiesOf(subject).pullOrders?.streams.find((stream) => stream.mode === 'window')

/** The function of a declared capability, its types kept. */
export function ability<K extends keyof Capabilities>(subject: Subject, name: K): NonNullable<AnyConnector[K]> {
  const found = subject.connector[name]
  if (found === undefined) throw new Error(`${subject.id} declares ${name} and has no such function.`)
  return found
}
