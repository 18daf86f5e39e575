import type { Call } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import type { FileSource } from '../../src/kit/files/source.ts'
import { openFolder } from './folder.ts'
import type { Config, Secrets } from './manifest.ts'
import { openSftp } from './sftp.ts'

export interface FileEntry {
  readonly name: string
  readonly size: number
  readonly modifiedMs: number
}

/** A place where files lie: a folder here or on a server. Folders are paths below the connection's own root. */
export interface Transport {
  /** Regular files only: no folders, no links. A folder that is not there is empty. */
  list(folder: string): Promise<readonly FileEntry[]>
  /** A copy that can be read several times; `release` removes what was copied for it. */
  fetch(folder: string, name: string): Promise<{ readonly source: FileSource; readonly release: () => Promise<void> }>
  read(folder: string, name: string, maxBytes: number): Promise<Buffer | undefined>
  /** Under a temporary name first, then renamed: nobody ever sees half a file. Replaces a file of that name. */
  write(folder: string, name: string, bytes: Uint8Array | { readonly localPath: string }): Promise<void>
  move(folder: string, name: string, toFolder: string, toName: string): Promise<void>
  close(): Promise<void>
}

/** Opens the connection's place for the time of one job. Throws ChannelError. */
export async function withTransport<T>(call: Call<Config, Secrets>, job: (transport: Transport) => Promise<T>): Promise<T> {
  const transport = await openTransport(call)
  try {
    return await job(transport)
  } finally {
    await transport.close()
  }
}

/** `upload` connections use their folder for stock and shipment files too; only `pullOrders` leaves it alone. */
export async function openTransport(call: Call<Config, Secrets>): Promise<Transport> {
  if (call.config.source === 'sftp') return openSftp(call)
  if (call.folder === undefined) throw new ChannelError({ kind: 'misconfigured', message: 'This connection was given no folder.' })
  return openFolder(call.folder)
}
