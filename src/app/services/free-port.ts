import { createServer } from 'node:net'

/** A loopback port nobody listens on at this moment. Another process may still take it: callers retry and check who answers. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  await new Promise<void>((resolve) => {
    server.close(() => resolve())
  })
  if (address === null || typeof address === 'string') throw new Error('The system gave no TCP port.')
  return address.port
}
