import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Vacuous, type Experiment } from '../experiment.ts'
import { allAccepted, HookProbe } from '../hook-probe.ts'
import { complaints, sound, untilAgreed } from '../judge.ts'
import { percentile } from '../measure.ts'
import { eventually } from '../wait.ts'

const SOCKETS = 200
const WEBHOOKS_PER_SECOND = 50
const SECONDS = 40
const MIN_WEBHOOKS = 300
/** A machine that is slower than this by itself is held to twice its own time. */
const ACK_MS = 1000
/** The headers have to be there after 10 s (src/http/serve.ts); it looks every 2 s, and the machine may be busy. */
const LONGEST_STAY_MS = 20_000

/** Holds so many connections open that send one byte of a header a second, each replaced when it is cut off. */
class Slowloris {
  readonly #port: number
  readonly #sockets = new Map<Socket, number>()
  readonly #timer: NodeJS.Timeout
  #stopped = false
  /** How long those the server ended had stayed, milliseconds. */
  readonly stays: number[] = []

  constructor(port: number, count: number) {
    this.#port = port
    for (let n = 0; n < count; n += 1) this.#open()
    this.#timer = setInterval(() => {
      for (const socket of this.#sockets.keys()) if (socket.writable) socket.write('a')
    }, 1000)
  }

  get open(): number {
    return [...this.#sockets.keys()].filter((socket) => socket.readyState === 'open').length
  }

  stop(): void {
    this.#stopped = true
    clearInterval(this.#timer)
    for (const socket of this.#sockets.keys()) socket.destroy()
  }

  #open(): void {
    const socket = connect({ port: this.#port, host: '127.0.0.1' })
    this.#sockets.set(socket, performance.now())
    socket.on('error', () => undefined)
    socket.on('connect', () => socket.write('POST /hooks/nobody HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: '))
    socket.resume()
    socket.on('close', () => {
      const since = this.#sockets.get(socket) ?? 0
      this.#sockets.delete(socket)
      if (this.#stopped) return
      this.stays.push(performance.now() - since)
      this.#open()
    })
  }
}

export const experiment: Experiment = {
  id: 'F-N3',
  title: `${SOCKETS} connections that send one byte a second, while webhooks arrive`,
  minutes: 1.5,
  async run(rig) {
    const world = await rig.world()
    const connection = await world.connect()
    for (let n = 0; n < 40; n += 1) await world.shop.act('shop')
    await untilAgreed(world, connection, performance.now())
    const sender = await HookProbe.of(world, connection, world.shop, await world.shop.openOrders())
    sender.start(WEBHOOKS_PER_SECOND)
    await sleep(8000)
    const calm = await sender.stop()
    const slow = new Slowloris(Number(new URL(world.api.url).port), SOCKETS)
    rig.afterwards(async () => slow.stop())
    await eventually('all slow connections are open', () => (slow.open >= SOCKETS * 0.95 ? true : undefined), 20)
    sender.start(WEBHOOKS_PER_SECOND)
    for (let n = 0; n < 20; n += 1) await world.shop.act('shop')
    await sleep(SECONDS * 1000)
    const held = slow.open
    const acks = await sender.stop()
    slow.stop()
    if (held < SOCKETS * 0.9 || acks.length < MIN_WEBHOOKS) throw new Vacuous(`${held} slow connections, ${acks.length} webhooks`)
    const { verdict } = await untilAgreed(world, connection, performance.now())
    const [before, p99] = [calm, acks].map((some) =>
      Math.round(
        percentile(
          some.map((ack) => ack.ms),
          0.99,
        ),
      ),
    )
    const longest = Math.round(Math.max(0, ...slow.stays))
    return {
      faults: slow.stays.length,
      lost: verdict.lost.length,
      doubled: verdict.doubled.length,
      pass:
        sound(verdict) &&
        allAccepted(acks) &&
        (p99 ?? 0) < Math.max(ACK_MS, 2 * (before ?? 0)) &&
        slow.stays.length >= SOCKETS &&
        longest <= LONGEST_STAY_MS,
      notes: [
        `${acks.length} webhooks acknowledged, p99 ${p99} ms (${before} ms without the slow ones)`,
        `${slow.stays.length} slow connections ended, the longest stayed ${(longest / 1000).toFixed(1)} s`,
        ...complaints(verdict),
      ],
    }
  },
}
