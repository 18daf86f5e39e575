import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export interface ShopProcess {
  readonly url: string
  stop(): Promise<void>
}

/** Starts `gbp-shop.ts` beside this process and waits until every invoice is placed. */
export async function shopProcess(file: string): Promise<ShopProcess> {
  const script = fileURLToPath(new URL('gbp-shop.ts', import.meta.url))
  const child = spawn(process.execPath, ['--import', 'tsx', script, file], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const url = await new Promise<string>((resolve, reject) => {
    void ended.then((code) => reject(new Error(`The shop ended with ${code}.`)))
    createInterface({ input: child.stdout }).on('line', (line) => {
      const hit = /^ready (\S+)/.exec(line)?.[1]
      if (hit !== undefined) resolve(hit)
    })
  })
  return {
    url,
    stop: async () => {
      child.stdin.end()
      await ended
    },
  }
}
