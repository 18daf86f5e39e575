import { lookup } from 'node:dns/promises'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { ChannelError } from '../../src/core/fault.ts'
import { isPrivateAddress } from '../../src/kit/private-address.ts'

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
