import { connect, type Socket } from 'node:net'

const HEAD_END = '\r\n\r\n'

/** One kept-open HTTP/1.1 connection that asks one thing at a time; a client library would cost more than the hub's door. */
export class Line {
  readonly #socket: Socket
  #read = ''
  #asked: { readonly resolve: (status: number) => void; readonly reject: (error: Error) => void } | undefined

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.setEncoding('latin1')
    socket.on('data', (part: string) => this.#take(part))
    socket.on('close', () => this.#asked?.reject(new Error('The connection was closed before the answer.')))
    socket.on('error', (error) => this.#asked?.reject(error))
  }

  static open(url: URL): Promise<Line> {
    return new Promise((resolve, reject) => {
      const socket = connect(Number(url.port), url.hostname, () => resolve(new Line(socket)))
      socket.once('error', reject)
    })
  }

  /** Sends a whole request, answers its status. */
  ask(request: Buffer): Promise<number> {
    return new Promise((resolve, reject) => {
      if (this.#socket.destroyed) return reject(new Error('The connection was closed while it was idle.'))
      this.#asked = { resolve, reject }
      this.#socket.write(request)
    })
  }

  close(): void {
    this.#socket.destroy()
  }

  #take(part: string): void {
    this.#read += part
    const end = this.#read.indexOf(HEAD_END)
    if (end < 0) return
    const head = this.#read.slice(0, end)
    const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? Number.NaN)
    const whole = Number.isNaN(length) ? chunkedEnd(head, this.#read, end) : end + HEAD_END.length + length
    if (whole === undefined || this.#read.length < whole) return
    const asked = this.#asked
    this.#asked = undefined
    this.#read = this.#read.slice(whole)
    asked?.resolve(Number(head.slice(9, 12)))
  }
}

/** Where an answer ends that does not say its length; undefined while it has not come. */
function chunkedEnd(head: string, text: string, headEnd: number): number | undefined {
  if (!/^transfer-encoding: *chunked/im.test(head)) return headEnd + HEAD_END.length
  const last = text.indexOf(`0${HEAD_END}`, headEnd)
  return last < 0 ? undefined : last + 1 + HEAD_END.length
}
