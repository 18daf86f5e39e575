import { createHash, timingSafeEqual } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type SftpClient from 'ssh2-sftp-client'
import type { Call } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import type { FaultKind } from '../../src/core/fault.ts'
import { pathSource } from '../../src/kit/files/source.ts'
import type { FileSource } from '../../src/kit/files/source.ts'
import { dial } from './dial.ts'
import type { Config, Secrets } from './manifest.ts'
import { isPlainName } from './names.ts'
import type { FileEntry, Transport } from './transport.ts'

const READY_MS = 20_000
const MAX_REMOTE_BYTES = 2_000_000_000

/** A folder on an SFTP server, one connection for the time of one job. Passwords and keys never reach an error. */
export async function openSftp(call: Call<Config, Secrets>): Promise<Transport> {
  return new SftpTransport(await connected(call), call.config.path, call.signal)
}

class SftpTransport implements Transport {
  readonly #client: SftpClient
  readonly #root: string
  readonly #signal: AbortSignal
  readonly #known = new Set<string>()
  readonly #stop = (): void => void this.#client.end().catch(() => false)

  constructor(client: SftpClient, path: string, signal: AbortSignal) {
    this.#client = client
    this.#root = path === '' || path === '.' ? '' : `${path.replace(/\/+$/, '')}/`
    this.#signal = signal
    signal.addEventListener('abort', this.#stop, { once: true })
  }

  async list(folder: string): Promise<readonly FileEntry[]> {
    const entries = await this.#client.list(this.#root + folder).catch((error: unknown) => (codeOf(error) === '2' ? [] : rethrow(error)))
    return entries.filter((entry) => entry.type === '-').map((entry) => ({ name: entry.name, size: entry.size, modifiedMs: entry.modifyTime }))
  }

  async fetch(folder: string, name: string): Promise<{ readonly source: FileSource; readonly release: () => Promise<void> }> {
    const path = this.#path(folder, name)
    const spool = await mkdtemp(join(tmpdir(), 'hub-sftp-'))
    const release = (): Promise<void> => rm(spool, { recursive: true, force: true })
    try {
      await this.#assertSize(path, MAX_REMOTE_BYTES)
      // The local name is ours: a server's file names are never used as paths here.
      const local = join(spool, 'file')
      await this.#client.fastGet(path, local)
      return { source: { ...pathSource(local), name }, release }
    } catch (error) {
      await release()
      return rethrow(error)
    }
  }

  async read(folder: string, name: string, maxBytes: number): Promise<Buffer | undefined> {
    const path = this.#path(folder, name)
    try {
      if ((await this.#client.exists(path)) === false) return undefined
      await this.#assertSize(path, maxBytes)
      const content = await this.#client.get(path)
      return Buffer.isBuffer(content) ? content : undefined
    } catch (error) {
      return rethrow(error)
    }
  }

  async write(folder: string, name: string, bytes: Uint8Array | { readonly localPath: string }): Promise<void> {
    const path = this.#path(folder, name)
    const draft = `${path}.part`
    try {
      await this.#ensure(folder)
      await this.#client.put(bytes instanceof Uint8Array ? Buffer.from(bytes) : bytes.localPath, draft)
    } catch (error) {
      rethrow(error)
    }
    // From here on a lost answer leaves the outcome open: the file may stand there complete.
    await replace(this.#client, draft, path).catch((error: unknown) => rethrow(error, 'in-doubt'))
  }

  async move(folder: string, name: string, toFolder: string, toName: string): Promise<void> {
    try {
      await this.#ensure(toFolder)
      await this.#client.rename(this.#path(folder, name), this.#path(toFolder, toName))
    } catch (error) {
      rethrow(error)
    }
  }

  async close(): Promise<void> {
    this.#signal.removeEventListener('abort', this.#stop)
    await this.#client.end().catch(() => false)
  }

  #path(folder: string, name: string): string {
    if (!isPlainName(name)) throw new ChannelError({ kind: 'refused', message: 'A file name leads out of its folder.' })
    return `${this.#root}${folder}/${name}`
  }

  async #assertSize(path: string, maxBytes: number): Promise<void> {
    if ((await this.#client.stat(path)).size > maxBytes)
      throw new ChannelError({ kind: 'refused', message: `A file on the server is larger than ${maxBytes} bytes.` })
  }

  async #ensure(folder: string): Promise<void> {
    if (this.#known.has(folder)) return
    if ((await this.#client.exists(this.#root + folder)) === false) await this.#client.mkdir(this.#root + folder, true)
    this.#known.add(folder)
  }
}

/** Plain rename refuses an existing target; the OpenSSH extension replaces it in one step where the server has it. */
async function replace(client: SftpClient, from: string, to: string): Promise<void> {
  try {
    await client.posixRename(from, to)
  } catch (error) {
    if (isGone(error)) throw error
    await client.delete(to, true)
    await client.rename(from, to)
  }
}

async function connected(call: Call<Config, Secrets>): Promise<SftpClient> {
  const { config, secrets } = call
  if (config.host === undefined || config.username === undefined)
    throw new ChannelError({ kind: 'misconfigured', message: 'SFTP needs a host and a user.' })
  // Loaded by whoever uses SFTP: its cipher takes 16 MB.
  const { default: Client } = await import('ssh2-sftp-client')
  const sock = await dial(config.host, config.port, call.allowPrivate ?? [], call.signal)
  const quiet = (): void => undefined
  const client = new Client('hub', { error: quiet, end: quiet, close: quiet })
  let keyRefused = false
  try {
    await client.connect({
      sock,
      username: config.username,
      readyTimeout: READY_MS,
      keepaliveInterval: 10_000,
      keepaliveCountMax: 3,
      ...(secrets.password === undefined ? {} : { password: secrets.password }),
      ...(secrets.privateKey === undefined ? {} : { privateKey: secrets.privateKey }),
      ...(secrets.passphrase === undefined ? {} : { passphrase: secrets.passphrase }),
      hostVerifier: (key: Buffer) => {
        const trusted = config.hostKey === undefined || sameFingerprint(config.hostKey, key)
        keyRefused = !trusted
        return trusted
      },
    })
    return client
  } catch (error) {
    sock.destroy()
    if (keyRefused)
      throw new ChannelError({
        kind: 'misconfigured',
        code: 'host-key',
        message: 'The SFTP server shows another host key than the one in the settings. Nothing was sent to it.',
      })
    return rethrow(error)
  }
}

function sameFingerprint(expected: string, key: Buffer): boolean {
  const actual = Buffer.from(createHash('sha256').update(key).digest('base64').replace(/=+$/, ''))
  const wanted = Buffer.from(expected.slice('SHA256:'.length).replace(/=+$/, ''))
  return actual.length === wanted.length && timingSafeEqual(actual, wanted)
}

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '')
const isGone = (error: unknown): boolean =>
  /ECONNRESET|ENOTCONN|ERR_NOT_CONNECTED|ETIMEDOUT|EPIPE/.test(codeOf(error)) ||
  (error instanceof Error && /no sftp connection|unexpected (end|close)|connection lost/i.test(error.message))

/** The library's messages name paths and hosts; ours name the next step. */
function rethrow(error: unknown, lost: FaultKind = 'transient'): never {
  if (error instanceof ChannelError) throw error
  const code = codeOf(error)
  const text = error instanceof Error ? error.message : ''
  const fault = (kind: FaultKind, message: string): ChannelError => new ChannelError({ kind, ...(code === '' ? {} : { code }), message })
  if (/authentication methods failed|authentication failure/i.test(text))
    throw fault('unauthorized', 'The SFTP server refused user and password or key.')
  if (/cannot parse privateKey|encrypted.*passphrase|bad passphrase/i.test(text))
    throw fault('misconfigured', 'The private key cannot be read: wrong format or passphrase.')
  if (code === '3' || code === 'EACCES') throw fault('misconfigured', 'The SFTP user may not do this. Check the rights on the folders.')
  if (code === '2' || code === 'ENOENT') throw fault('missing', 'The SFTP server has no such file or folder.')
  if (isGone(error)) throw fault(lost, 'The connection to the SFTP server broke off.')
  throw fault(lost, 'The SFTP server failed.')
}
