import { BlockList, isIP } from 'node:net'

/**
 * Finds the caller behind trusted proxies: X-Forwarded-For is read from its end, and the first address that is not a
 * trusted proxy is the caller. From anybody else the header counts for nothing.
 */
export function callerBehind(proxies: readonly string[]): (peer: string, forwardedFor: string | undefined) => string {
  const trusted = new BlockList()
  for (const proxy of proxies) {
    const [address = '', bits] = proxy.split('/')
    if (isIP(address) === 0) continue
    if (bits === undefined) trusted.addAddress(address, family(address))
    else trusted.addSubnet(address, Number(bits), family(address))
  }
  const isTrusted = (address: string): boolean => isIP(address) !== 0 && trusted.check(address, family(address))
  return (peer, forwardedFor) => {
    let caller = plain(peer)
    for (const hop of (forwardedFor ?? '').split(',').toReversed()) {
      const address = plain(hop.trim())
      if (!isTrusted(caller) || isIP(address) === 0) break
      caller = address
    }
    return caller
  }
}

const family = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4')
/** An IPv4 peer of an IPv6 socket. */
const plain = (address: string): string => (address.startsWith('::ffff:') && isIP(address.slice(7)) === 4 ? address.slice(7) : address)
