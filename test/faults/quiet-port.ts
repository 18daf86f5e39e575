import { createServer } from 'node:net'

/**
 * A free loopback port below the range from which systems take the near ends of outgoing connections: while its owner is
 * dead, nobody gets it by chance.
 */
export async function quietPort(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const port = 15_000 + Math.floor(Math.random() * 15_000)
    if (await isFree(port)) return port
  }
  throw new Error('No free port between 15000 and 30000.')
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
