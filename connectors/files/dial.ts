import { lookup } from 'node:dns/promises'
import { BlockList, connect, isIPv6 } from 'node:net'
import type { Socket } from 'node:net'
import { ChannelError } from '../../src/core/fault.ts'

const closed = new BlockList()
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const)
  closed.addSubnet(net, bits, 'ipv4')
for (const [net, bits] of [
  ['::', 127],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
  ['64:ff9b::', 96],
  ['2001:db8::', 32],
] as const)
  closed.addSubnet(net, bits, 'ipv6')

/** Private, loopback, link-local (metadata services) and multicast addresses, also when written as IPv4 in IPv6. */
export function isPrivateAddress(address: string): boolean {
  const mapped = /^::ffff:(?:(\d+\.\d+\.\d+\.\d+)|([0-9a-f]{1,4}):([0-9a-f]{1,4}))$/i.exec(address)
  if (mapped?.[1] !== undefined) return closed.check(mapped[1], 'ipv4')
  if (mapped !== null) return true
  return closed.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
}

/**
 * Connects to a server outside; a private one only where the hub's settings list its `host:port`. The address that was
 * checked is the one that is dialled, so a DNS answer that changes in between changes nothing.
 */
export async function dial(host: string, port: number, allowPrivate: readonly string[], signal: AbortSignal): Promise<Socket> {
  const allowed = allowPrivate.some((entry) => entry.toLowerCase() === `${host.toLowerCase()}:${port}`)
  const answers = await lookup(host, { all: true }).catch((error: unknown) => {
    const gone = error instanceof Error && 'code' in error && error.code === 'ENOTFOUND'
    throw new ChannelError(
      { kind: gone ? 'misconfigured' : 'transient', message: 'The name of the SFTP server could not be resolved.' },
      { cause: error },
    )
  })
  const target = answers.find((answer) => allowed || !isPrivateAddress(answer.address))
  if (target === undefined) {
    throw new ChannelError({
      kind: 'misconfigured',
      code: 'private-address',
      message: "The SFTP server has a private address. Allow its host:port in the hub's settings if that is intended.",
    })
  }
  return new Promise((resolve, reject) => {
    const socket = connect({ host: target.address, port, timeout: 15_000 })
    const fail = (error: Error): void => {
      socket.destroy()
      reject(new ChannelError({ kind: 'transient', message: 'The SFTP server could not be reached.' }, { cause: error }))
    }
    const onAbort = (): void => fail(new Error('stopped'))
    socket.once('error', fail).once('timeout', () => fail(new Error('timeout')))
    signal.addEventListener('abort', onAbort, { once: true })
    socket.once('connect', () => {
      signal.removeEventListener('abort', onAbort)
      socket.off('error', fail).setTimeout(0)
      resolve(socket)
    })
  })
}
