import { createServer, type AddressInfo, type Server, type Socket, connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * What the network does to connections through a proxy:
 * `latency` each piece waits · `slice` pieces of `bytes` each · `drip` one byte to the client every `ms` · `cut` RST to both
 * after `bytes` more bytes to the client · `reset` RST to the client right after its bytes were passed on (the other side
 * gets them) · `blackhole` both directions vanish, nothing is closed · `half-open` the far side is gone, the client hears
 * nothing of it · `mute` what the client sends arrives, the answers vanish · `pass` nothing, for the sake of `onHit` · `half-closed` the client gets FIN after `bytes` more bytes · `hold` what the client sends waits until the
 * proxy heals and is delivered then, even when the client has gone · `refuse` nobody listens.
 */
export type NetFault =
  | { readonly kind: 'latency' | 'drip'; readonly ms: number }
  | { readonly kind: 'slice' | 'cut' | 'half-closed'; readonly bytes: number }
  | { readonly kind: 'pass' | 'reset' | 'blackhole' | 'mute' | 'half-open' | 'hold' | 'refuse' }

export interface Aim {
  /** Only connections on which the client has sent such bytes (read as latin1, piece by piece) since the fault was set. */
  readonly match?: RegExp | string
  /** Only so many connections, then the network is whole again. */
  readonly times?: number
  /** Called in the moment a connection is hit, with the port under which the proxy talks to the far side. */
  readonly onHit?: (farPort: number) => void
}

interface Armed {
  readonly fault: NetFault
  readonly aim: Aim
  readonly hit: WeakSet<Link>
  left: number
}

/** Stands between a client and `target`, on a port of its own, and does to the traffic what it is told. */
export class FaultProxy {
  readonly #target: () => number
  readonly #server: Server
  readonly #links = new Set<Link>()
  #armed: Armed | undefined
  #port = 0
  #healed: (() => void)[] = []
  /** Connections that were really hit. */
  fired = 0

  constructor(target: () => number) {
    this.#target = target
    this.#server = createServer({ allowHalfOpen: true }, (client) => this.#accept(client))
  }

  get port(): number {
    return this.#port
  }
  get open(): number {
    return this.#links.size
  }

  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(this.#port, '127.0.0.1', () => {
        this.#server.off('error', reject)
        const address: AddressInfo | string | null = this.#server.address()
        this.#port = address !== null && typeof address !== 'string' ? address.port : 0
        resolve()
      })
    })
  }

  async set(fault: NetFault, aim: Aim = {}): Promise<void> {
    await this.heal()
    this.#armed = { fault, aim, hit: new WeakSet(), left: aim.times ?? Infinity }
    if (fault.kind !== 'refuse') return
    this.fired += 1
    this.resetAll()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  /** The network is whole again; what was held is delivered. */
  async heal(): Promise<void> {
    this.#armed = undefined
    for (const go of this.#healed.splice(0)) go()
    if (!this.#server.listening) await this.start()
  }

  /** RST on every open connection. */
  resetAll(): void {
    for (const link of this.#links) link.reset()
  }

  async stop(): Promise<void> {
    this.#armed = undefined
    for (const go of this.#healed.splice(0)) go()
    this.resetAll()
    if (this.#server.listening) await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  untilHealed(): Promise<void> {
    return new Promise((resolve) => this.#healed.push(resolve))
  }

  /** The fault this connection meets now, if any; `sent` is what the client is sending. */
  faultFor(link: Link, sent?: Buffer): NetFault | undefined {
    const armed = this.#armed
    if (!armed) return undefined
    if (armed.hit.has(link)) return armed.fault
    if (armed.left <= 0 || (armed.aim.match !== undefined && (sent === undefined || !fits(armed.aim.match, sent.toString('latin1')))))
      return undefined
    armed.hit.add(link)
    armed.left -= 1
    this.fired += 1
    armed.aim.onHit?.(link.farPort)
    return armed.fault
  }

  #accept(client: Socket): void {
    const link = new Link(this, client, connect({ port: this.#target(), host: '127.0.0.1', allowHalfOpen: true }))
    this.#links.add(link)
    client.once('close', () => this.#links.delete(link))
  }
}

/** One connection through the proxy; each direction keeps its order. */
class Link {
  readonly #proxy: FaultProxy
  readonly #client: Socket
  readonly #far: Socket
  #up: Promise<unknown> = Promise.resolve()
  #down: Promise<unknown> = Promise.resolve()
  #passed = 0
  #deaf = false

  constructor(proxy: FaultProxy, client: Socket, far: Socket) {
    this.#proxy = proxy
    this.#client = client
    this.#far = far
    for (const socket of [client, far]) socket.setNoDelay(true).on('error', () => undefined)
    const next = (direction: 'up' | 'down', work: () => Promise<void>): void => {
      if (direction === 'up') this.#up = this.#up.then(work, work)
      else this.#down = this.#down.then(work, work)
    }
    client.on('data', (chunk) => next('up', () => this.#toFar(chunk)))
    client.on('end', () => next('up', async () => void (this.#deaf || far.end())))
    client.on('close', () => next('up', async () => void far.end()))
    far.on('data', (chunk) => next('down', () => this.#toClient(chunk)))
    far.on('end', () => next('down', async () => void (this.#deaf || client.end())))
    far.on('error', () => this.#deaf || client.resetAndDestroy())
    far.on('close', () => next('down', async () => void (this.#deaf || client.destroy())))
  }

  get farPort(): number {
    return this.#far.localPort ?? 0
  }

  reset(): void {
    this.#client.resetAndDestroy()
    this.#far.resetAndDestroy()
  }

  async #toFar(chunk: Buffer): Promise<void> {
    const fault = this.#proxy.faultFor(this, chunk)
    if (fault?.kind === 'blackhole') return
    if (fault?.kind === 'half-open') {
      this.#deaf = true
      this.#far.resetAndDestroy()
      return
    }
    if (fault?.kind === 'latency') await sleep(fault.ms)
    if (fault?.kind === 'hold') await this.#proxy.untilHealed()
    if (fault?.kind === 'slice') return this.#sliced(this.#far, chunk, fault.bytes)
    await this.#write(this.#far, chunk)
    if (fault?.kind === 'reset') this.#client.resetAndDestroy()
  }

  async #toClient(chunk: Buffer): Promise<void> {
    const fault = this.#proxy.faultFor(this)
    if (fault?.kind === 'blackhole' || fault?.kind === 'half-open' || fault?.kind === 'mute') return
    if (fault?.kind === 'drip') return this.#dripped(chunk, fault.ms)
    if (fault?.kind === 'slice') return this.#sliced(this.#client, chunk, fault.bytes)
    if (fault?.kind === 'cut' || fault?.kind === 'half-closed') return this.#cutAt(chunk, fault.bytes, fault.kind)
    if (fault?.kind === 'latency') await sleep(fault.ms)
    await this.#write(this.#client, chunk)
  }

  async #dripped(chunk: Buffer, ms: number): Promise<void> {
    for (const byte of chunk) {
      if (this.#client.destroyed) return
      await this.#write(this.#client, Buffer.from([byte]))
      await sleep(ms)
    }
  }

  async #cutAt(chunk: Buffer, bytes: number, kind: 'cut' | 'half-closed'): Promise<void> {
    const left = Math.max(0, bytes - this.#passed)
    this.#passed += chunk.length
    if (left > 0) await this.#write(this.#client, chunk.subarray(0, left))
    if (chunk.length < left) return
    if (kind === 'half-closed') this.#client.end()
    else this.reset()
  }

  async #sliced(to: Socket, chunk: Buffer, bytes: number): Promise<void> {
    for (let at = 0; at < chunk.length; at += bytes) {
      await this.#write(to, chunk.subarray(at, at + bytes))
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  #write(to: Socket, chunk: Buffer): Promise<void> {
    return new Promise((resolve) => {
      if (to.destroyed) resolve()
      else to.write(chunk, () => resolve())
    })
  }
}

const fits = (match: RegExp | string, text: string): boolean => (typeof match === 'string' ? text.includes(match) : match.test(text))
