import { createServer } from 'node:http'
import type { Inbound } from '../../../src/core/connector.ts'

/** A door for deliveries that keeps each exactly as it came. */
export interface Sink {
  readonly url: string
  readonly heard: readonly Inbound[]
  stop(): Promise<void>
}

export async function openSink(): Promise<Sink> {
  const heard: Inbound[] = []
  let base = ''
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const url = `${base}${request.url ?? ''}`
      heard.push({
        method: request.method ?? '',
        url,
        headers: Object.fromEntries(Object.entries(request.headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : []))),
        query: Object.fromEntries(new URL(url).searchParams),
        body: Buffer.concat(chunks),
      })
      response.writeHead(200).end('success')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  base = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
  return {
    url: `${base}/hooks/kit`,
    heard,
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
