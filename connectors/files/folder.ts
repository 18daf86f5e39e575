import { mkdir, readdir, realpath, rename, stat, writeFile, copyFile, readFile, rm } from 'node:fs/promises'
import { join, resolve, sep } from 'node:path'
import { ChannelError } from '../../src/core/fault.ts'
import { pathSource } from '../../src/kit/files/source.ts'
import { isPlainName } from './names.ts'
import type { FileEntry, Transport } from './transport.ts'

/** A folder on this machine. Links that lead out of it are not followed. */
export async function openFolder(root: string): Promise<Transport> {
  await mkdir(root, { recursive: true }).catch(rethrow)
  const base = await realpath(root)

  const folderPath = async (folder: string): Promise<string> => {
    const path = resolve(base, folder)
    await mkdir(path, { recursive: true }).catch(rethrow)
    const real = await realpath(path)
    if (real !== base && !real.startsWith(base + sep))
      throw new ChannelError({ kind: 'misconfigured', message: `The folder "${folder}" leads out of the connection's folder.` })
    return real
  }
  const filePath = async (folder: string, name: string): Promise<string> => {
    if (!isPlainName(name)) throw new ChannelError({ kind: 'refused', message: 'A file name leads out of its folder.' })
    return join(await folderPath(folder), name)
  }

  return {
    async list(folder) {
      const path = await folderPath(folder)
      const entries: FileEntry[] = []
      for (const entry of await readdir(path, { withFileTypes: true }).catch(rethrow)) {
        if (!entry.isFile()) continue
        const info = await stat(join(path, entry.name)).catch(() => undefined)
        if (info !== undefined) entries.push({ name: entry.name, size: info.size, modifiedMs: Math.round(info.mtimeMs) })
      }
      return entries
    },
    fetch: async (folder, name) => ({ source: pathSource(await filePath(folder, name)), release: async () => undefined }),
    async read(folder, name, maxBytes) {
      const path = await filePath(folder, name)
      const info = await stat(path).catch(() => undefined)
      if (info === undefined) return undefined
      if (info.size > maxBytes) throw new ChannelError({ kind: 'unreadable', message: `The file ${name} is larger than ${maxBytes} bytes.` })
      return readFile(path).catch(rethrow)
    },
    async write(folder, name, bytes) {
      const path = await filePath(folder, name)
      const draft = `${path}.part`
      try {
        if (bytes instanceof Uint8Array) await writeFile(draft, bytes, { flush: true })
        else await copyFile(bytes.localPath, draft)
        await rename(draft, path)
      } catch (error) {
        await rm(draft, { force: true })
        rethrow(error)
      }
    },
    move: async (folder, name, toFolder, toName) => rename(await filePath(folder, name), await filePath(toFolder, toName)).catch(rethrow),
    close: async () => undefined,
  }
}

/** Says what to do, without the path: it may name a person or a machine. */
function rethrow(error: unknown): never {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    throw new ChannelError({ kind: 'misconfigured', code, message: "The hub may not read or write the connection's folder." }, { cause: error })
  if (code === 'ENOSPC') throw new ChannelError({ kind: 'transient', code, message: 'The disk is full.' }, { cause: error })
  throw new ChannelError(
    { kind: 'transient', ...(code === '' ? {} : { code }), message: "The connection's folder could not be used." },
    { cause: error },
  )
}
