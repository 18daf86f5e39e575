import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { lstat, mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { join, normalize } from 'node:path'
import ssh2 from 'ssh2'
import type { Attributes, Connection, SFTPWrapper } from 'ssh2'

const { Server, utils } = ssh2
const { STATUS_CODE, OPEN_MODE } = utils.sftp

/** What the next calls do wrong. */
export interface SftpFaults {
  /** The connection dies when a file is renamed: before it happens, or after it happened. */
  dropAtRename: 'never' | 'before' | 'after'
  /** Extra names a listing shows, as a hostile server would. */
  extraNames: string[]
  denyWrites: boolean
}

export interface SftpServer {
  readonly port: number
  readonly username: string
  readonly password: string
  /** As `ssh-keygen -lf` prints it. */
  readonly hostKey: string
  readonly faults: SftpFaults
  /** Signed-in sessions so far. */
  readonly sessions: () => number
  stop(): Promise<void>
}

/** A real SSH server on loopback that shows one folder and nothing above it. */
export async function startSftpServer(options: {
  readonly root: string
  readonly username?: string
  readonly password?: string
}): Promise<SftpServer> {
  const { root, username = 'till', password = 'drop-box' } = options
  const pair = utils.generateKeyPairSync('ed25519')
  const faults: SftpFaults = { dropAtRename: 'never', extraNames: [], denyWrites: false }
  const open = new Set<Connection>()
  let sessions = 0
  const server = new Server({ hostKeys: [pair.private] }, (client) => {
    open.add(client)
    client.on('error', () => undefined).on('close', () => open.delete(client))
    client.on('authentication', (context) => {
      if (context.method === 'password' && context.username === username && context.password === password) context.accept()
      else context.reject(['password'])
    })
    client.on('session', (accept) => {
      accept().on('sftp', (acceptSftp) => {
        sessions += 1
        serve(acceptSftp(), root, faults, () => client.end())
      })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address: AddressInfo | string | null = server.address()
  const blob = Buffer.from(pair.public.split(' ')[1] ?? '', 'base64')
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    username,
    password,
    faults,
    sessions: () => sessions,
    hostKey: `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`,
    stop: async () => {
      for (const client of open) client.end()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

type Handle = { readonly file: FileHandle } | { readonly folder: string; listed: boolean }

/** One session: its folder, its open handles, and how a failed request is answered. */
interface Session {
  readonly sftp: SFTPWrapper
  readonly faults: SftpFaults
  readonly drop: () => void
  readonly inside: (path: string) => string
  readonly answer: (id: number, work: () => Promise<void>) => void
  readonly add: (handle: Handle) => Buffer
  readonly folder: (handle: Buffer) => Extract<Handle, { folder: string }>
  readonly file: (handle: Buffer) => FileHandle
  readonly forget: (handle: Buffer) => Promise<void>
}

function serve(sftp: SFTPWrapper, root: string, faults: SftpFaults, drop: () => void): void {
  const handles = new Map<number, Handle>()
  let next = 0
  const find = (bytes: Buffer): Handle => {
    const handle = handles.get(bytes.readUInt32BE(0))
    if (handle === undefined) throw new Error('no such handle')
    return handle
  }
  const session: Session = {
    sftp,
    faults,
    drop,
    inside: (path) => join(root, normalize(`/${path}`)),
    answer: (id, work) => void work().catch((error: unknown) => sftp.status(id, statusOf(error))),
    add: (handle) => {
      const bytes = Buffer.alloc(4)
      bytes.writeUInt32BE(next)
      handles.set(next++, handle)
      return bytes
    },
    folder: (bytes) => {
      const handle = find(bytes)
      if ('folder' in handle) return handle
      throw new Error('not a folder')
    },
    file: (bytes) => {
      const handle = find(bytes)
      if ('file' in handle) return handle.file
      throw new Error('not a file')
    },
    forget: async (bytes) => {
      const handle = find(bytes)
      handles.delete(bytes.readUInt32BE(0))
      if ('file' in handle) await handle.file.close()
    },
  }
  servePaths(session)
  serveHandles(session)
}

/** Requests that name a path (protocol version 3). */
function servePaths({ sftp, faults, drop, inside, answer, add }: Session): void {
  const move = (id: number, from: string, to: string): void =>
    answer(id, async () => {
      if (faults.dropAtRename === 'before') return drop()
      await rename(inside(from), inside(to))
      if (faults.dropAtRename === 'after') return drop()
      sftp.status(id, STATUS_CODE.OK)
    })
  const attributes = (id: number, path: string): void => answer(id, async () => sftp.attrs(id, attributesOf(await lstat(inside(path)))))
  sftp.on('REALPATH', (id, path) => sftp.name(id, [{ filename: normalize(`/${path}`), longname: path, attrs: NO_ATTRIBUTES }]))
  sftp.on('STAT', attributes).on('LSTAT', attributes).on('RENAME', move)
  sftp.on('OPENDIR', (id, path) =>
    answer(id, async () => {
      await readdir(inside(path))
      sftp.handle(id, add({ folder: inside(path), listed: false }))
    }),
  )
  sftp.on('OPEN', (id, path, flags) =>
    answer(id, async () => {
      const writes = (flags & OPEN_MODE.WRITE) !== 0
      if (writes && faults.denyWrites) return sftp.status(id, STATUS_CODE.PERMISSION_DENIED)
      sftp.handle(id, add({ file: await open(inside(path), writes ? 'w' : 'r') }))
    }),
  )
  sftp.on('MKDIR', (id, path) =>
    answer(id, async () => {
      if (faults.denyWrites) return sftp.status(id, STATUS_CODE.PERMISSION_DENIED)
      await mkdir(inside(path))
      sftp.status(id, STATUS_CODE.OK)
    }),
  )
  sftp.on('REMOVE', (id, path) =>
    answer(id, async () => {
      await rm(inside(path))
      sftp.status(id, STATUS_CODE.OK)
    }),
  )
  sftp.on('EXTENDED', (id, name, data) => {
    if (name !== 'posix-rename@openssh.com') return sftp.status(id, STATUS_CODE.OP_UNSUPPORTED)
    const length = data.readUInt32BE(0)
    move(id, data.subarray(4, 4 + length).toString(), data.subarray(8 + length).toString())
  })
}

/** Requests on something that was opened. */
function serveHandles({ sftp, faults, answer, folder, file, forget }: Session): void {
  sftp.on('READDIR', (id, bytes) =>
    answer(id, async () => {
      const handle = folder(bytes)
      if (handle.listed) return sftp.status(id, STATUS_CODE.EOF)
      handle.listed = true
      const names = await readdir(handle.folder)
      const real = await Promise.all(names.map(async (filename) => entry(filename, attributesOf(await lstat(join(handle.folder, filename))))))
      sftp.name(id, [
        ...real,
        ...faults.extraNames.map((filename) => entry(filename, { ...NO_ATTRIBUTES, mode: constants.S_IFREG | 0o644, size: 3 })),
      ])
    }),
  )
  sftp.on('READ', (id, bytes, offset, length) =>
    answer(id, async () => {
      const { bytesRead, buffer } = await file(bytes).read(Buffer.alloc(length), 0, length, offset)
      if (bytesRead === 0) sftp.status(id, STATUS_CODE.EOF)
      else sftp.data(id, buffer.subarray(0, bytesRead))
    }),
  )
  sftp.on('WRITE', (id, bytes, offset, data) =>
    answer(id, async () => {
      await file(bytes).write(data, 0, data.length, offset)
      sftp.status(id, STATUS_CODE.OK)
    }),
  )
  sftp.on('FSTAT', (id, bytes) => answer(id, async () => sftp.attrs(id, attributesOf(await file(bytes).stat()))))
  sftp.on('FSETSTAT', (id) => sftp.status(id, STATUS_CODE.OK)).on('SETSTAT', (id) => sftp.status(id, STATUS_CODE.OK))
  sftp.on('CLOSE', (id, bytes) =>
    answer(id, async () => {
      await forget(bytes)
      sftp.status(id, STATUS_CODE.OK)
    }),
  )
}

const NO_ATTRIBUTES: Attributes = { mode: 0, uid: 0, gid: 0, size: 0, atime: 0, mtime: 0 }
const attributesOf = (info: { readonly mode: number; readonly size: number; readonly mtimeMs: number }): Attributes => ({
  mode: info.mode,
  uid: 0,
  gid: 0,
  size: info.size,
  atime: Math.floor(info.mtimeMs / 1000),
  mtime: Math.floor(info.mtimeMs / 1000),
})
const entry = (filename: string, attrs: Attributes): { filename: string; longname: string; attrs: Attributes } => ({
  filename,
  longname: `${(attrs.mode & constants.S_IFMT) === constants.S_IFDIR ? 'd' : '-'}rw-r--r-- 1 till till ${attrs.size} Jan 1 00:00 ${filename}`,
  attrs,
})

function statusOf(error: unknown): number {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'ENOENT' ? STATUS_CODE.NO_SUCH_FILE : code === 'EACCES' ? STATUS_CODE.PERMISSION_DENIED : STATUS_CODE.FAILURE
}
