import { connect } from 'node:net'

export interface RawAnswer {
  readonly status: number
  readonly head: string
  readonly body: string
}

/**
 * Sends bytes exactly as given to a listening server and reads until it closes or `ms` of silence: for requests that no
 * HTTP client would make. `pieces` go out one after the other, `pauseMs` apart.
 */
export function sendRaw(
  port: number,
  pieces: readonly (string | Uint8Array)[],
  options: { readonly pauseMs?: number; readonly ms?: number } = {},
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    const chunks: Buffer[] = []
    const end = (): void => {
      socket.destroy()
      const text = Buffer.concat(chunks).toString('utf8')
      const [head = '', ...rest] = text.split('\r\n\r\n')
      resolve({ status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0), head, body: rest.join('\r\n\r\n') })
    }
    socket.setTimeout(options.ms ?? 5000, end)
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    socket.once('end', end)
    // A server that refuses early may reset the connection while we still write; what it said before counts.
    socket.once('error', (error) => (chunks.length > 0 ? end() : reject(error)))
    socket.once('close', end)
    void (async () => {
      for (const piece of pieces) {
        if (socket.destroyed) return
        await new Promise<void>((written) => socket.write(piece, () => written()))
        if (options.pauseMs !== undefined) await new Promise((later) => setTimeout(later, options.pauseMs))
      }
    })()
  })
}
