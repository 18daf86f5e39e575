import { randomBytes } from 'node:crypto'
import { mkdir, open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Settings } from '../settings.ts'

const KEY_BYTES = 32

/**
 * The 32 bytes under which all other keys are kept: from the settings, or from a file in the data directory that
 * is made on first use. Who loses it loses every address and credential in the database.
 * @throws Error in production without a configured key: each container would make one of its own.
 */
export async function loadMasterKey(settings: Pick<Settings, 'home' | 'masterKey' | 'production'>): Promise<Buffer> {
  if (settings.masterKey !== undefined) return Buffer.from(settings.masterKey, 'base64')
  if (settings.production)
    throw new Error('HUB_MASTER_KEY is not set. Make one with "openssl rand -base64 32", keep it safe, and give it to every process of the hub.')
  const file = join(settings.home, 'master.key')
  await mkdir(settings.home, { recursive: true, mode: 0o711 })
  await writeOnce(file, `${randomBytes(KEY_BYTES).toString('base64')}\n`)
  const key = Buffer.from((await readFile(file, 'utf8')).trim(), 'base64')
  if (key.length !== KEY_BYTES)
    throw new Error(`${file} does not hold a key of ${KEY_BYTES} bytes. Put the right one back; a new key would not open what is stored.`)
  return key
}

/** Leaves an existing file alone, also one that another process makes at this moment. */
async function writeOnce(file: string, content: string): Promise<void> {
  try {
    const handle = await open(file, 'wx', 0o600)
    await handle.writeFile(content)
    await handle.sync()
    await handle.close()
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
}
